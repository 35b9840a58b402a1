//! The OpenAPI document that is served is the one that is checked in. `PRESIGN_RENEW=1 cargo test -p presign-layer --test openapi` writes it anew.

#![expect(
    clippy::unwrap_used,
    reason = "a test, and its helpers, may stop at the first thing that is not as it should be"
)]

use std::collections::BTreeSet;
use std::path::Path;

use axum::Router;
use axum::body::Body;
use http::{Request, StatusCode};
use http_body_util::BodyExt;
use presign_layer::protocol::ErrorCode;
use presign_layer::{Credentials, Policy, PresignLayer, PresignService, Store};
use serde_json::Value;
use tower::ServiceExt;

fn mount() -> PresignService {
    let store = Store::builder("https://s3.test", "uploads")
        .credentials(Credentials::new("id", "a secret access key"))
        .build()
        .unwrap();
    let mount = PresignLayer::builder(store)
        .policy(Policy::new())
        .downloads();
    mount.public().build_service().unwrap()
}

async fn served(path: &str) -> Value {
    let app = Router::new()
        .nest_service("/api", mount())
        .fallback_service(mount());
    let request = Request::get(path).body(Body::empty()).unwrap();
    let response = app.oneshot(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["content-type"], "application/json");
    let body = response.into_body().collect().await.unwrap().to_bytes();
    serde_json::from_slice(&body).unwrap()
}

#[tokio::test]
async fn what_is_checked_in_is_what_is_served() {
    let served = served("/presignedUrl/openapi.json").await;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("openapi.json");
    if std::env::var_os("PRESIGN_RENEW").is_some() {
        let text = serde_json::to_string_pretty(&served).unwrap();
        std::fs::write(&file, text + "\n").unwrap();
    }
    let checked_in: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    assert!(
        checked_in == served,
        "openapi.json is not what is served: PRESIGN_RENEW=1 cargo test -p presign-layer --test openapi"
    );
}

/// Tools resolve the server's address against the document's own.
#[tokio::test]
async fn it_says_where_the_endpoints_are_without_knowing_it() {
    let nested = served("/api/presignedUrl/openapi.json").await;
    assert_eq!(nested["servers"][0]["url"], ".");
    assert_eq!(nested, served("/presignedUrl/openapi.json").await);
}

/// Every `$ref` that is somewhere in `value`.
fn references<'a>(value: &'a Value, found: &mut BTreeSet<&'a str>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                match field.as_str() {
                    Some(reference) if name == "$ref" => {
                        found.insert(reference);
                    }
                    _ => references(field, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}

#[tokio::test]
async fn it_is_whole() {
    let document = served("/presignedUrl/openapi.json").await;
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(found.len() > 10, "{found:?}");
    for reference in found {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    let text = document.to_string();
    for code in ErrorCode::ALL {
        assert!(text.contains(&format!("\"{code}\"")), "{code}");
    }
    for rust in ["::", "[`"] {
        let at = text.find(rust);
        assert_eq!(at, None, "{:?}", at.map(|at| text.get(at - 60..at + 60)));
    }
}

/// A request need not have what may be left out, and must have the rest.
#[tokio::test]
async fn what_may_be_left_out_is_not_required() {
    let document = served("/presignedUrl/openapi.json").await;
    for (name, required) in [
        ("FileSpec", vec!["name", "size"]),
        ("PartsRequest", vec!["from", "token"]),
        ("SentUpload", vec!["token"]),
        ("PutGrant", vec!["expiresIn", "headers", "key", "url"]),
        (
            "CompletedUpload",
            vec!["etag", "key", "receipt", "size", "type"],
        ),
        ("Problem", vec!["code", "detail", "status", "title"]),
    ] {
        let schema = &document["components"]["schemas"][name];
        let named = schema["required"].as_array().unwrap();
        let named: BTreeSet<_> = named.iter().map(|name| name.as_str().unwrap()).collect();
        assert_eq!(named, required.into_iter().collect(), "{schema}");
    }
}
