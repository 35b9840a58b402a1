//! Pages of other origins.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use http::Request;
use presign_layer::{BuildError, Permit, PresignService};
use serde_json::json;

use crate::fake::FakeStore;
use crate::support::{Reply, at, free, png, problem, send, store, store_of};

/// How often the application is asked.
type Asked = Arc<AtomicUsize>;

fn guarded(asked: &Asked) -> PresignService {
    let asked = Arc::clone(asked);
    at(store_of(&FakeStore::default()))
        .policy(free())
        .allowed_origins(["https://your.site", "http://localhost:5173"])
        .authorize(move |_| {
            asked.fetch_add(1, Ordering::Relaxed);
            async { Ok(Permit::new()) }
        })
        .build_service()
        .unwrap()
}

async fn from(service: PresignService, method: &str, uri: &str, headers: &[(&str, &str)]) -> Reply {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let body = if method == "POST" {
        request = request.header("content-type", "application/json");
        Body::from(json!({ "files": [png(1)] }).to_string())
    } else {
        Body::empty()
    };
    send(service, request.body(body).unwrap()).await
}

#[tokio::test]
async fn a_listed_page_and_what_is_no_browser_are_answered() {
    let asked = Asked::default();
    for headers in [
        &[][..],
        &[("origin", "https://your.site")],
        &[
            ("origin", "http://localhost:5173"),
            ("sec-fetch-site", "cross-site"),
        ],
        &[("sec-fetch-site", "same-origin")],
    ] {
        for (method, uri) in [("POST", "/presignedUrl"), ("GET", "/presignedUrl?name=a")] {
            let reply = from(guarded(&asked), method, uri, headers).await;
            assert_eq!(reply.status, 200, "{method} {headers:?}: {}", reply.text());
        }
    }
    assert_eq!(asked.load(Ordering::Relaxed), 8);
}

#[tokio::test]
async fn another_page_is_refused_everywhere_before_anybody_is_asked() {
    let asked = Asked::default();
    for headers in [
        &[("origin", "https://evil.test")][..],
        &[("origin", "null")],
        &[("origin", "https://your.site.evil.test")],
        &[("origin", "https://your.site"), ("origin", "null")],
        &[
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-mode", "no-cors"),
        ],
        &[("sec-fetch-site", "same-site")],
    ] {
        for (method, uri) in [
            ("POST", "/presignedUrl"),
            ("POST", "/presignedUrl/parts"),
            ("POST", "/presignedUrl/resume"),
            ("POST", "/presignedUrl/complete"),
            ("POST", "/presignedUrl/abort"),
            ("GET", "/presignedUrl?name=a"),
            ("GET", "/presignedUrl/limits"),
            ("OPTIONS", "/presignedUrl"),
        ] {
            let reply = from(guarded(&asked), method, uri, headers).await;
            let refused = problem(&reply, 403, "origin_not_allowed");
            let detail = refused["detail"].as_str().unwrap();
            assert!(detail.contains("age"), "{method} {uri}: {detail}");
        }
        let reply = from(guarded(&asked), "HEAD", "/presignedUrl?name=a", headers).await;
        assert_eq!((reply.status.as_u16(), reply.body.len()), (403, 0));
    }
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[tokio::test]
async fn a_form_of_another_site_is_refused_without_a_list_too() {
    let service = at(store()).public().build_service().unwrap();
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        let form = Request::post("/presignedUrl")
            .header("origin", "https://evil.test")
            .header("content-type", content_type)
            .body(Body::from(json!({ "files": [png(1)] }).to_string()))
            .unwrap();
        let reply = send(service.clone(), form).await;
        problem(&reply, 415, "unsupported_media_type");
    }
}

#[test]
fn what_no_browser_sends_is_no_origin() {
    let build = |origin: &str| at(store()).public().allowed_origins([origin]).build().err();
    assert_eq!(build("https://your.site"), None);
    let refused = build("https://Your.Site:443/").unwrap();
    let expected = BuildError::Origin {
        given: "https://Your.Site:443/".to_owned(),
        expected: "https://your.site".to_owned(),
    };
    assert_eq!(refused, expected);
    assert_eq!(
        refused.to_string(),
        "`https://Your.Site:443/` is not an origin as browsers send it; expected one such as `https://your.site`"
    );
    assert!(build("*").is_some() && build("null").is_some());
}
