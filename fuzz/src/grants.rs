//! What every grant must keep to: the store is handed what was granted, at the very place that was granted, and nothing else.

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;
use presign_layer::ObjectKey;
use presign_layer::protocol::{Grant, MultipartGrant, PutGrant};
use presign_layer::{MAX_KEY_BYTES, PresignService};
use serde_json::json;
use url::Url;

use crate::ask::post;
use crate::env::{BUCKET, SECRET};
use crate::forms::judge_form;
use crate::judge::{Trust, judge};
use crate::sigv4::{param, signature};
use crate::tokens::said;

/// Checks a grant of `service` for a file of `size` bytes, where the size was given.
pub(crate) fn judge_grant(service: &PresignService, grant: &Grant, size: Option<u64>) {
    let (key, token) = match grant {
        Grant::Put(grant) => (&grant.key, grant.token.as_deref()),
        Grant::Post(grant) => (&grant.key, grant.token.as_deref()),
        Grant::Multipart(grant) => (&grant.key, Some(grant.token.as_str())),
        other => panic!("{other:?} is not asked for"),
    };
    if let Some(token) = token {
        let said = said(token);
        assert_eq!(said["k"], key.as_str());
        assert_eq!(said["s"], size.expect("a size"));
    }
    match grant {
        Grant::Put(grant) => put(grant, size),
        Grant::Multipart(grant) => multipart(service, grant, size.expect("a size")),
        Grant::Post(grant) => judge_form(grant, size.expect("a size")),
        other => panic!("{other:?} is not asked for"),
    }
}

fn put(grant: &PutGrant, size: Option<u64>) {
    judge_key(&grant.key);
    for (name, value) in &grant.headers {
        assert_eq!(*name, name.to_ascii_lowercase());
        assert!(HeaderName::try_from(name.as_str()).is_ok(), "{name}");
        assert!(HeaderValue::from_str(value).is_ok(), "{name}: {value:?}");
        assert_eq!(value.trim(), value, "{name} is sent as it is signed");
    }
    let mark = grant.headers.get("x-amz-meta-presign-upload");
    let known = grant.token.as_deref().map(|token| said(token)["i"].clone());
    assert_eq!(mark.map(|mark| json!(mark)), known, "by the token alone");
    let declared = size.map(|size| size.to_string());
    assert_eq!(grant.headers.get("content-length"), declared.as_ref());
    judge_url("PUT", &grant.url, &grant.key, &grant.headers);
}

fn multipart(service: &PresignService, grant: &MultipartGrant, size: u64) {
    judge_key(&grant.key);
    let count = u64::from(grant.part_count);
    assert!((1..=10_000).contains(&count), "{grant:?}");
    assert_eq!(size.div_ceil(grant.part_size), count, "{grant:?}");
    judge_parts(grant, 1, &grant.parts, size);
    // The token that came with it is good for the last part, whose URL is for what is left.
    let body = json!({ "token": grant.token, "from": count }).to_string();
    let reply = post(service, "/parts", body);
    judge(&reply, Trust::Honest, false, b"");
    assert_eq!(reply.status, 200, "{}", reply.body.escape_ascii());
    let last: presign_layer::protocol::PartsResponse = reply.json();
    assert_eq!(last.parts.len(), 1);
    judge_parts(grant, count, &last.parts, size);
}

/// Checks the URLs of the parts from `first` on.
fn judge_parts(grant: &MultipartGrant, first: u64, urls: &[String], size: u64) {
    assert!(!urls.is_empty() && urls.len() <= 3);
    for (number, url) in (first..).zip(urls) {
        let begins = (number - 1) * grant.part_size;
        let bytes = grant.part_size.min(size - begins);
        let headers = BTreeMap::from([("content-length".to_owned(), bytes.to_string())]);
        let url = judge_url("PUT", url, &grant.key, &headers);
        assert_eq!(param(&url, "partNumber"), number.to_string());
    }
}

/// Checks that the URL is of this object, and is signed for these headers.
pub(crate) fn judge_url(
    method: &str,
    url: &str,
    key: &str,
    headers: &BTreeMap<String, String>,
) -> Url {
    let url = Url::parse(url).expect("a URL");
    assert_eq!(url.scheme(), "https");
    assert_eq!(url.host_str(), Some("s3.test"));
    assert_eq!((url.port(), url.fragment()), (None, None));
    let path = url
        .path()
        .strip_prefix('/')
        .and_then(|path| path.strip_prefix(BUCKET));
    let path = path
        .and_then(|path| path.strip_prefix('/'))
        .expect("our bucket");
    let named = percent_decode_str(path).decode_utf8().expect("UTF-8");
    assert_eq!(named, key);
    let expected = signature(method, &url, headers, SECRET);
    assert_eq!(param(&url, "X-Amz-Signature"), expected, "{url}");
    url
}

/// Checks an object's key.
pub(crate) fn judge_key(key: &str) {
    assert!(!key.is_empty() && key.len() <= MAX_KEY_BYTES, "{key:?}");
    assert!(!key.starts_with('/'), "{key:?}");
    assert!(!key.chars().any(char::is_control), "{key:?}");
    assert!(
        key.split('/')
            .all(|segment| segment != "." && segment != ".."),
        "{key:?}"
    );
    assert!(ObjectKey::new(key).is_ok(), "{key:?}");
}
