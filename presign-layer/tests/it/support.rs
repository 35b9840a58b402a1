//! A store whose clock and randomness stand still, and requests to a mount.

use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, SystemTime};

use axum::body::Body;
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::BodyExt;
use presign_layer::{Builder, Credentials, Policy, PresignService, Store};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::fake::FakeStore;

/// 2013-05-24T00:00:00Z, when AWS's example was signed.
pub(crate) const NOW: u64 = 1_369_353_600;
pub(crate) const ACCESS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

pub(crate) fn store() -> Store {
    store_of(&FakeStore::default())
}

/// The bucket `uploads` of a store in memory.
pub(crate) fn store_of(fake: &FakeStore) -> Store {
    Store::builder("https://s3.test", "uploads")
        .credentials(Credentials::new(ACCESS_KEY_ID, SECRET))
        .client(fake.clone())
        .build()
        .unwrap()
}

/// A public mount for `fake`.
pub(crate) fn mount(fake: &FakeStore, policy: Policy) -> PresignService {
    at(store_of(fake))
        .policy(policy)
        .public()
        .build_service()
        .unwrap()
}

/// A mount for `store` at [`NOW`] whose random bytes are all 7.
pub(crate) fn at(store: Store) -> Builder {
    PresignService::builder(store)
        .clock(|| SystemTime::UNIX_EPOCH + Duration::from_secs(NOW))
        .random(|bytes| {
            bytes.fill(7);
            Ok(())
        })
}

/// Randomness for a mount of several uploads, which then have marks of their own: all bytes are 0 the first time, 1 the second.
pub(crate) fn never_the_same() -> impl Fn(&mut [u8]) -> Result<(), axum::BoxError> {
    let calls = AtomicU8::new(0);
    move |bytes| {
        bytes.fill(calls.fetch_add(1, Ordering::Relaxed));
        Ok(())
    }
}

pub(crate) fn public(policy: Policy) -> PresignService {
    mount(&FakeStore::default(), policy)
}

/// A policy under which the guide's bare URL is answered.
pub(crate) fn free() -> Policy {
    Policy::new().allow_overwrite()
}

pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }
}

pub(crate) async fn send<S, B>(service: S, request: Request<Body>) -> Reply
where
    S: tower::Service<Request<Body>, Response = Response<B>>,
    S::Error: std::fmt::Debug,
    B: http_body::Body,
    B::Error: std::fmt::Debug,
{
    let response = service.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    Reply {
        status: parts.status,
        headers: parts.headers,
        body: body.collect().await.unwrap().to_bytes().to_vec(),
    }
}

pub(crate) fn request(method: &str, uri: &str) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(uri)
        .body(Body::empty())
        .unwrap()
}

pub(crate) async fn get(service: PresignService, uri: &str) -> Reply {
    send(service, request("GET", uri)).await
}

pub(crate) async fn get_json(service: PresignService, uri: &str) -> Reply {
    let mut request = request("GET", uri);
    request
        .headers_mut()
        .insert("accept", "application/json".parse().unwrap());
    send(service, request).await
}

pub(crate) async fn post(service: PresignService, body: impl Into<Body>) -> Reply {
    post_to(service, "/presignedUrl", body).await
}

pub(crate) async fn post_to(service: PresignService, path: &str, body: impl Into<Body>) -> Reply {
    let request = Request::builder()
        .method("POST")
        .uri(path)
        .header("content-type", "application/json")
        .body(body.into())
        .unwrap();
    send(service, request).await
}

/// Completes these uploads and gives what stands in their places.
pub(crate) async fn complete(service: &PresignService, uploads: Value) -> Vec<Value> {
    let body = json!({ "uploads": uploads }).to_string();
    let reply = post_to(service.clone(), "/presignedUrl/complete", body).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    match reply.json()["results"].take() {
        Value::Array(results) => results,
        other => panic!("{other} is no list"),
    }
}

/// Completes one upload and gives what stands in its place.
pub(crate) async fn complete_one(service: &PresignService, grant: &Value) -> Value {
    let mut results = complete(service, json!([{ "token": grant["token"] }])).await;
    results.remove(0)
}

/// Asks for one file and gives what stands in its place.
pub(crate) async fn ask(service: PresignService, file: Value) -> Value {
    let reply = post(service, json!({ "files": [file] }).to_string()).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["grants"][0].take()
}

pub(crate) fn png(size: u64) -> Value {
    json!({ "name": "a.png", "size": size, "type": "image/png" })
}

/// A problem as RFC 9457 has it: a status that is the response's, a title, a code, and words.
pub(crate) fn problem(reply: &Reply, status: u16, code: &str) -> Value {
    let problem = reply.json();
    assert_eq!(reply.status, status, "{problem}");
    assert_eq!(reply.header("content-type"), "application/problem+json");
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(problem["status"], status);
    assert_eq!(problem["code"], code, "{problem}");
    assert!(!problem["title"].as_str().unwrap().is_empty());
    assert!(!problem["detail"].as_str().unwrap().is_empty());
    problem
}
