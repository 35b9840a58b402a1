use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, PoisonError};

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, Uri};
use http_body_util::Full;
use percent_encoding::percent_decode_str;
use presign_layer::protocol::{DownloadResponse, ErrorCode, Problem};
use presign_layer::{Permit, PresignService};

use crate::ask::{Reply, send};
use crate::env::{MOUNT, builder, policy};
use crate::grants::{judge_key, judge_url};
use crate::judge::{Trust, judge};
use crate::sigv4::param;
use crate::store::{Scripted, cut, with_status};

/// The content type of the object that the store has, if it has one.
static STORED: Mutex<Option<HeaderValue>> = Mutex::new(None);

/// Anybody may have everything.
static OPEN: LazyLock<PresignService> = LazyLock::new(|| {
    builder(store(), policy())
        .downloads()
        .build_service()
        .expect("the mount is right")
});

/// A user has what is theirs.
static THEIRS: LazyLock<PresignService> = LazyLock::new(|| {
    builder(store(), policy())
        .authorize(|_| std::future::ready(Ok(Permit::new().key_prefix("users/4"))))
        .downloads()
        .build_service()
        .expect("the mount is right")
});

/// What the URL of a download has in its query.
const SIGNED: [&str; 8] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
    "response-content-disposition",
    "response-content-type",
];

/// A download: the query, and on a second line, where the store has the object, its content type. The URL is of the object that was asked for, which is there and may be had; what it is served
/// as is harmless, and signed.
pub fn download(input: &[u8]) {
    let (query, stored) = match cut(input, b"\n") {
        Some((query, stored)) => (query, HeaderValue::from_bytes(stored).ok()),
        None => (input, None),
    };
    let Ok(query) = std::str::from_utf8(query) else {
        return;
    };
    let Ok(uri) = Uri::try_from(format!("{MOUNT}/download?{query}")) else {
        return;
    };
    let is_there = stored.is_some();
    *STORED.lock().unwrap_or_else(PoisonError::into_inner) = stored;
    for (service, theirs) in [(&OPEN, false), (&THEIRS, true)] {
        let json = get(service, Method::GET, &uri, "application/json");
        let redirect = get(service, Method::GET, &uri, "*/*");
        let head = get(service, Method::HEAD, &uri, "*/*");
        judge(&json, Trust::Honest, false, input);
        judge(&redirect, Trust::Honest, false, input);
        judge(&head, Trust::Honest, true, input);
        assert_eq!(
            (head.status, &head.headers),
            (redirect.status, &redirect.headers)
        );
        assert_eq!(json.header("vary"), "accept");
        if json.status != 200 {
            assert_eq!((redirect.status, &redirect.body), (json.status, &json.body));
            let code = json.json::<Problem>().code;
            assert!(code != ErrorCode::ObjectNotFound || !is_there);
            assert!(code != ErrorCode::Forbidden || theirs);
            continue;
        }
        assert!(is_there, "what is not there is not signed for");
        let answer: DownloadResponse = json.json();
        assert_eq!(redirect.status, 302);
        assert_eq!(redirect.header("location"), answer.url);
        assert!(redirect.body.is_empty());
        judge_download(&answer, uri.query().unwrap_or_default(), theirs);
    }
}

fn judge_download(answer: &DownloadResponse, query: &str, theirs: bool) {
    let asked = asked(query);
    let key = &asked["key"];
    judge_key(key);
    assert!(!theirs || key.starts_with("users/4/"), "{key:?}");
    let url = judge_url("GET", &answer.url, key, &BTreeMap::new());
    let mut parameters: Vec<String> = url.query_pairs().map(|pair| pair.0.into_owned()).collect();
    parameters.sort();
    assert_eq!(parameters, SIGNED);
    assert_eq!(param(&url, "X-Amz-Expires"), answer.expires_in.to_string());
    let served = param(&url, "response-content-type");
    let disposition = param(&url, "response-content-disposition");
    assert!(HeaderValue::from_str(&served).is_ok(), "{served:?}");
    assert!(disposition.bytes().all(|byte| matches!(byte, b' '..=b'~')));
    let (kind, named) = disposition.split_once("; ").expect("a kind and names");
    let inline = kind == "inline";
    assert!(inline || kind == "attachment", "{kind}");
    let wanted = asked
        .get("disposition")
        .is_some_and(|wanted| wanted == "inline");
    assert!(!inline || (wanted && is_inert(&served)), "{served:?}");
    let (_, name) = named.split_once("filename*=UTF-8''").expect("its name");
    let name = percent_decode_str(name).decode_utf8().expect("UTF-8");
    judge_key(&name);
    assert!(!name.contains(['/', '\\']) && name.len() <= 255, "{name:?}");
    assert_eq!(disposition.matches('"').count(), 2, "{disposition}");
    assert_eq!(
        disposition.matches(';').count() - named_semicolons(named),
        2
    );
}

/// Those in the plain name, which is in quotes.
fn named_semicolons(named: &str) -> usize {
    let plain = named.split('"').nth(1).unwrap_or_default();
    plain.matches(';').count()
}

/// What every reader of forms takes the query for; each of ours is there at most once.
fn asked(query: &str) -> BTreeMap<String, String> {
    let mut asked = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let ours = ["key", "name", "disposition"].contains(&&*name);
        let before = asked.insert(name.clone().into_owned(), value.into_owned());
        assert!(!ours || before.is_none(), "{name} is there twice");
    }
    asked
}

/// What no browser runs anything in, as far as anybody here knows.
fn is_inert(content_type: &str) -> bool {
    let lower = content_type.to_ascii_lowercase();
    let essence = lower.split(';').next().unwrap_or_default().trim_ascii();
    let media = ["image/", "audio/", "video/", "font/"];
    let shown = [
        "text/plain",
        "text/csv",
        "application/pdf",
        "application/json",
    ];
    !essence.contains('+')
        && !["html", "xml", "svg", "script"]
            .iter()
            .any(|active| essence == format!("text/{active}"))
        && (shown.contains(&essence) || media.iter().any(|media| essence.starts_with(media)))
}

fn get(service: &PresignService, method: Method, uri: &Uri, accept: &str) -> Reply {
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header("accept", accept)
        .body(Full::<Bytes>::default())
        .expect("it is a request");
    send(service.clone(), request)
}

fn store() -> Scripted {
    Scripted::answering(|request| {
        assert_eq!(request.method(), Method::HEAD, "nothing else is asked");
        let stored = STORED.lock().unwrap_or_else(PoisonError::into_inner);
        Some(match &*stored {
            None => with_status(404),
            Some(stored) => Response::builder()
                .header("content-length", 3)
                .header("etag", "\"all\"")
                .header("content-type", stored)
                .body(Full::default())
                .expect("it is an answer"),
        })
    })
}
