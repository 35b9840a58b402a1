use bytes::Bytes;
use http::{Request, Uri};
use http_body_util::Full;
use presign_layer::PresignService;
use presign_layer::protocol::Grant;

use crate::ask::{Reply, send};
use crate::env::{GUIDE, LIMITED, MOUNT, ORDINARY};
use crate::grants::judge_grant;
use crate::judge::{Trust, judge};

/// The query of the guide's endpoint. The text and the JSON say the same, and the key is the name as forms encode it.
pub fn query(input: &[u8]) {
    let Ok(query) = std::str::from_utf8(input) else {
        return;
    };
    let Ok(uri) = Uri::try_from(format!("{MOUNT}?{query}")) else {
        return;
    };
    for (service, as_it_is) in [(&GUIDE, true), (&ORDINARY, false), (&LIMITED, false)] {
        let text = get(service, &uri, "text/plain");
        let json = get(service, &uri, "application/json");
        judge(&text, Trust::Honest, false, input);
        judge(&json, Trust::Honest, false, input);
        assert_eq!(text.status, json.status);
        assert_eq!(
            (text.header("vary"), json.header("vary")),
            ("accept", "accept")
        );
        if text.status != 200 {
            assert_eq!(text.body, json.body);
            continue;
        }
        let grant: Grant = json.json();
        let Grant::Put(put) = &grant else {
            panic!("the guide's endpoint has PUTs alone");
        };
        assert_eq!(put.url.as_bytes(), &text.body[..]);
        // A browser takes what begins as HTML or JavaScript for that, whatever it is called.
        assert!(put.url.starts_with("https://s3.test/"));
        let size = put
            .headers
            .get("content-length")
            .map(|size| size.parse().expect("a number"));
        judge_grant(service, &grant, size);
        let read = as_forms_say(uri.query().unwrap_or_default());
        if let Some((name, said)) = read {
            assert_eq!(size, said);
            assert!(!as_it_is || put.key == name, "{name:?}: {:?}", put.key);
        }
    }
}

fn get(service: &PresignService, uri: &Uri, accept: &str) -> Reply {
    let request = Request::get(uri).header("accept", accept);
    send(
        service.clone(),
        request
            .body(Full::<Bytes>::default())
            .expect("it is a request"),
    )
}

/// The name and the size, where every piece of the query is a pair: what every reader of forms takes them for.
fn as_forms_say(query: &str) -> Option<(String, Option<u64>)> {
    if !query.split('&').all(|piece| piece.contains('=')) {
        return None;
    }
    let all = |wanted: &str| -> Vec<String> {
        form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| name == wanted)
            .map(|(_, value)| value.into_owned())
            .collect()
    };
    let (mut names, sizes) = (all("name"), all("size"));
    assert_eq!(names.len(), 1, "a name, and only one");
    let size = sizes.first().map(|size| size.parse().expect("a number"));
    Some((names.remove(0), size))
}
