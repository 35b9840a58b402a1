//! What a page of another site makes the user's browser send, with the user's cookies.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use http::Request;
use presign_layer::{Permit, PresignService};
use serde_json::json;

use crate::fake::FakeStore;
use crate::support::{at, free, png, problem, send, store_of};

const ENDPOINTS: [&str; 5] = ["", "/parts", "/resume", "/complete", "/abort"];

/// A mount whose user is signed in, and how often it asked.
fn signed_in(fake: &FakeStore) -> (PresignService, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let service = at(store_of(fake))
        .policy(free())
        .authorize(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            async { Ok(Permit::new()) }
        })
        .build_service()
        .unwrap();
    (service, asked)
}

/// The types that a form, `fetch` without CORS or a beacon can send, and what somebody may take for JSON. A form's field may be named so that its body is JSON.
#[tokio::test]
async fn a_form_of_another_site_does_nothing() {
    let fake = FakeStore::default();
    let (service, asked) = signed_in(&fake);
    let body = json!({ "files": [png(1)], "token": "", "from": 1, "uploads": [{ "token": "" }], "x": "=" });
    for kind in [
        Some("application/x-www-form-urlencoded"),
        Some("multipart/form-data; boundary=x"),
        Some("text/plain"),
        Some("text/plain; charset=application/json"),
        Some("text/plain, application/json"),
        Some("text/plain; x=\"application/json\""),
        Some("application/jsonp"),
        Some("application/json-seq"),
        Some("text/json"),
        Some(""),
        None,
    ] {
        for endpoint in ENDPOINTS {
            let mut asked = Request::post(format!("/presignedUrl{endpoint}"))
                .header("origin", "https://evil.example")
                .header("cookie", "session=the user's")
                .body(Body::from(body.to_string()))
                .unwrap();
            if let Some(kind) = kind {
                asked
                    .headers_mut()
                    .insert("content-type", kind.parse().unwrap());
            }
            let reply = send(service.clone(), asked).await;
            problem(&reply, 415, "unsupported_media_type");
        }
    }
    assert_eq!(
        asked.load(Ordering::Relaxed),
        0,
        "the hook is not even asked"
    );
    assert_eq!(fake.calls(), Vec::<&str>::new());
}

/// Before another site may send JSON, the browser asks; it is not told yes. And what a site makes it fetch otherwise, the site cannot read.
#[tokio::test]
async fn another_site_is_told_nothing() {
    let (service, _) = signed_in(&FakeStore::default());
    for endpoint in ENDPOINTS {
        let preflight = Request::options(format!("/presignedUrl{endpoint}"))
            .header("origin", "https://evil.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type")
            .body(Body::empty())
            .unwrap();
        let get = Request::get(format!("/presignedUrl{endpoint}?name=a.png"))
            .header("origin", "https://evil.example")
            .body(Body::empty())
            .unwrap();
        for asked in [preflight, get] {
            let reply = send(service.clone(), asked).await;
            let allowed = reply
                .headers
                .keys()
                .filter(|name| name.as_str().starts_with("access-control-"));
            assert_eq!(allowed.count(), 0, "{:?}", reply.headers);
        }
    }
}
