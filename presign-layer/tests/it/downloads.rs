//! Downloads: the presigned URL of an object that is there, for those who may read it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use http::Request;
use presign_layer::{
    Action, Ask, Builder, Credentials, Permit, Policy, PresignService, Refusal, Store,
};
use url::Url;

use crate::fake::{Failure, FakeStore};
use crate::sigv4::{param, signature};
use crate::support::{
    ACCESS_KEY_ID, NOW, Reply, SECRET, ask, at, get, get_json, png, post, problem, request, send,
    store_of,
};

const KEY: &str = "users/42/a b/日.png";

/// A mount with downloads over a store that has an object at [`KEY`].
fn builder(fake: &FakeStore) -> Builder {
    fake.put_object(KEY, 5, "etag");
    at(store_of(fake)).downloads()
}

fn public(fake: &FakeStore) -> PresignService {
    builder(fake).public().build_service().unwrap()
}

fn url_of(text: &str) -> Url {
    let url = Url::parse(text).unwrap();
    let none = BTreeMap::new();
    assert_eq!(
        param(&url, "X-Amz-Signature"),
        signature("GET", &url, &none, SECRET)
    );
    url
}

/// The URL that a redirect leads to, which is signed as it should be.
fn location(reply: &Reply) -> Url {
    assert_eq!(reply.status, 302, "{}", reply.text());
    assert!(reply.body.is_empty());
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("vary"), "accept");
    url_of(reply.header("location"))
}

#[tokio::test]
async fn an_object_that_is_there_is_redirected_to() {
    let fake = FakeStore::default();
    let uri = "/presignedUrl/download?key=users%2F42/a+b/%E6%97%A5.png";
    let url = location(&get(public(&fake), uri).await);
    assert_eq!(url.host_str(), Some("s3.test"));
    assert_eq!(url.path(), "/uploads/users/42/a%20b/%E6%97%A5.png");
    assert_eq!(param(&url, "X-Amz-Expires"), "900");
    assert_eq!(param(&url, "X-Amz-SignedHeaders"), "host");
    assert_eq!(
        param(&url, "response-content-disposition"),
        "attachment; filename=\"_.png\"; filename*=UTF-8''%E6%97%A5.png"
    );
    assert_eq!(
        param(&url, "response-content-type"),
        "application/octet-stream"
    );
    assert_eq!(fake.calls(), ["head"]);

    let reply = send(public(&fake), request("HEAD", uri)).await;
    assert_eq!(location(&reply), url);
    let named = get(public(&fake), &format!("{uri}&name=my%20cat%0D%0A.png")).await;
    assert_eq!(
        param(&location(&named), "response-content-disposition"),
        "attachment; filename=\"my_cat__.png\"; filename*=UTF-8''my%20cat__.png"
    );
}

#[tokio::test]
async fn a_program_reads_the_url_as_json() {
    let fake = FakeStore::default();
    let uri = format!("/presignedUrl/download?key={}", KEY.replace(' ', "+"));
    let service = builder(&fake)
        .policy(Policy::new().expires_in(Duration::from_secs(90)))
        .public()
        .build_service()
        .unwrap();
    let reply = get_json(service, &uri).await;
    assert_eq!((reply.status.as_u16(), reply.header("location")), (200, ""));
    let answer = reply.json();
    assert_eq!(answer["expiresIn"], 90);
    let url = url_of(answer["url"].as_str().unwrap());
    assert_eq!(param(&url, "X-Amz-Expires"), "90");
}

#[tokio::test]
async fn nothing_is_signed_for_what_is_not_there() {
    let fake = FakeStore::default();
    for key in [
        "users/42",
        "users/42/a%20b",
        "other",
        "users/42/a%20b/%E6%97%A5.pn",
    ] {
        let uri = format!("/presignedUrl/download?key={key}");
        let reply = get(public(&fake), &uri).await;
        problem(&reply, 404, "object_not_found");
        assert!(!reply.text().contains("X-Amz"));
    }
    let uri = format!("/presignedUrl/download?key={}", KEY.replace(' ', "+"));
    fake.fail("head", Failure::Refused(403, ""));
    problem(&get(public(&fake), &uri).await, 502, "store_failed");
    problem(
        &get(public(&fake), "/presignedUrl/download").await,
        400,
        "invalid_request",
    );
    problem(
        &get(public(&fake), "/presignedUrl/download?key=../other/a").await,
        400,
        "invalid_key",
    );
    let reply = post_to_download(public(&fake)).await;
    problem(&reply, 405, "method_not_allowed");
    assert_eq!(reply.header("allow"), "GET, HEAD, OPTIONS");
}

async fn post_to_download(service: PresignService) -> Reply {
    send(service, request("POST", "/presignedUrl/download?key=a")).await
}

#[tokio::test]
async fn without_being_asked_for_there_is_no_such_endpoint() {
    let fake = FakeStore::default();
    fake.put_object("a", 1, "etag");
    let service = at(store_of(&fake)).public().build_service().unwrap();
    let reply = get(service, "/presignedUrl/download?key=a").await;
    let refused = problem(&reply, 404, "not_found");
    let detail = refused["detail"].as_str().unwrap();
    assert!(!detail.contains("`/download`"), "{detail}");
    assert!(fake.calls().is_empty());
    let reply = get(public(&fake), "/presignedUrl/downloads?key=a").await;
    let refused = problem(&reply, 404, "not_found");
    let detail = refused["detail"].as_str().unwrap();
    assert!(detail.contains("`/download`"), "{detail}");
}

#[tokio::test]
async fn the_hook_is_asked_about_the_object_and_nothing_else_happens_before() {
    let fake = FakeStore::default();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let service = builder(&fake)
        .authorize(move |ask: Ask| {
            seen.lock().unwrap().push(ask.clone());
            async move {
                if ask.parts.headers.contains_key("x-user") {
                    return Ok(Permit::new().expires_in(Duration::from_secs(5)));
                }
                Err(Refusal::unauthenticated("Sign in."))
            }
        })
        .build_service()
        .unwrap();
    let uri = format!(
        "/presignedUrl/download?name=cat.png&key={}",
        KEY.replace(' ', "+")
    );
    problem(&get(service.clone(), &uri).await, 401, "unauthenticated");
    assert!(fake.calls().is_empty());
    let mut request = request("GET", &uri);
    request
        .headers_mut()
        .insert("x-user", "42".parse().unwrap());
    let url = location(&send(service, request).await);
    assert_eq!(param(&url, "X-Amz-Expires"), "5");
    for ask in &*asked.lock().unwrap() {
        assert_eq!(ask.action, Action::Download);
        assert_eq!(ask.object.as_ref().unwrap().key.as_str(), KEY);
        assert_eq!((ask.file.name.as_str(), ask.file.size), ("cat.png", None));
        assert!(ask.upload.is_none());
    }
}

#[tokio::test]
async fn a_permit_for_a_prefix_is_for_no_other_object() {
    let fake = FakeStore::default();
    for key in [
        "users/42/a",
        "users/42",
        "users/421/a",
        "users/4/a",
        "other",
    ] {
        fake.put_object(key, 1, "etag");
    }
    for prefix in ["users/42", "users/42/"] {
        let service = builder(&fake)
            .authorize(move |_| async move { Ok(Permit::new().key_prefix(prefix)) })
            .build_service()
            .unwrap();
        let ask = async |key: &str| {
            get(
                service.clone(),
                &format!("/presignedUrl/download?key={key}"),
            )
            .await
        };
        location(&ask("users/42/a").await);
        let looks = fake.calls().len();
        for key in [
            "users/42",
            "users/421/a",
            "users/4/a",
            "other",
            "not/there",
            "Users/42/a",
            "users%252F42/a",
        ] {
            // The same whether or not it is there, and the store is not asked.
            problem(&ask(key).await, 403, "forbidden");
        }
        for key in ["users/42/../421/a", "users/42/%2e%2e/421/a", "users/42/.."] {
            problem(&ask(key).await, 400, "invalid_key");
        }
        assert_eq!(fake.calls().len(), looks);
    }
    let wrong = builder(&fake)
        .authorize(|_| async { Ok(Permit::new().key_prefix("")) })
        .build_service()
        .unwrap();
    let reply = get(wrong, "/presignedUrl/download?key=other").await;
    problem(&reply, 500, "internal");
}

/// A link is followed without `Origin`, from wherever it is.
#[tokio::test]
async fn a_link_of_another_site_works_and_its_scripts_do_not() {
    let fake = FakeStore::default();
    fake.put_object("a", 1, "etag");
    let service = builder(&fake)
        .allowed_origins(["https://your.site"])
        .public()
        .build_service()
        .unwrap();
    for (header, value, status) in [
        ("sec-fetch-site", "cross-site", 302),
        ("sec-fetch-site", "same-site", 302),
        ("origin", "https://your.site", 302),
        ("origin", "https://evil.test", 403),
        ("origin", "null", 403),
    ] {
        let request = Request::get("/presignedUrl/download?key=a").header(header, value);
        let request = request.body(axum::body::Body::empty()).unwrap();
        let reply = send(service.clone(), request).await;
        assert_eq!(reply.status, status, "{header}: {value}");
    }
}

/// Whoever signs what browsers write with can be somebody who may not read.
#[tokio::test]
async fn urls_that_write_are_signed_with_credentials_of_their_own() {
    let fake = FakeStore::default();
    fake.put_object(KEY, 5, "etag");
    let writer = || Credentials::new("AKIAWRITER", "the writer's secret");
    let base = || {
        Store::builder("https://s3.test", "uploads")
            .credentials(Credentials::new(ACCESS_KEY_ID, SECRET))
            .client(fake.clone())
    };
    let ends = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW + 60);
    for (store, expires) in [
        (base().url_credentials(writer()), 900),
        (
            base().url_credentials_provider(move || async move {
                Ok::<_, std::io::Error>(writer().with_expiry(ends))
            }),
            60,
        ),
    ] {
        let service = at(store.build().unwrap())
            .policy(
                Policy::new()
                    .multipart_threshold(5 << 20)
                    .part_size(5 << 20),
            )
            .downloads()
            .public()
            .build_service()
            .unwrap();
        let put = ask(service.clone(), png(5)).await;
        let parts = ask(service.clone(), png(5 << 20)).await;
        assert_eq!(put["expiresIn"], expires);
        for url in [&put["url"], &parts["parts"][0]] {
            let url = Url::parse(url.as_str().unwrap()).unwrap();
            let credential = param(&url, "X-Amz-Credential");
            assert!(credential.starts_with("AKIAWRITER/"), "{credential}");
        }
        let headers: BTreeMap<String, String> =
            serde_json::from_value(put["headers"].clone()).unwrap();
        let url = Url::parse(put["url"].as_str().unwrap()).unwrap();
        assert_eq!(
            param(&url, "X-Amz-Signature"),
            signature("PUT", &url, &headers, "the writer's secret")
        );
        let uri = format!("/presignedUrl/download?key={}", KEY.replace(' ', "+"));
        let url = location(&get(service.clone(), &uri).await);
        assert_eq!(param(&url, "X-Amz-Expires"), "900");
        assert!(param(&url, "X-Amz-Credential").starts_with(ACCESS_KEY_ID));
        assert!(!format!("{service:?}").contains("secret"));
    }
    let empty = base().url_credentials(Credentials::new("a", "")).build();
    assert!(empty.is_err());
    let none = base().url_credentials_provider(|| async { Err(std::io::Error::other("gone")) });
    let service = at(none.build().unwrap()).public().build_service().unwrap();
    let files = serde_json::json!({ "files": [png(5)] });
    let reply = post(service, files.to_string()).await;
    problem(&reply, 503, "credentials_unavailable");
}
