//! Requests that are meant to be read as others, to last for ever, or to be too much.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::body::Body;
use http::{HeaderName, HeaderValue, Request};
use presign_layer::{Permit, Policy, PresignService, Refusal};
use serde_json::json;
use tower::ServiceExt;

use crate::fake::FakeStore;
use crate::support::{
    Reply, at, free, get, mount, png, post, post_to, problem, public, request, send, store_of,
};

const ENDPOINTS: [&str; 7] = [
    "",
    "/limits",
    "/parts",
    "/resume",
    "/complete",
    "/abort",
    "/download",
];

fn refusing(fake: &FakeStore) -> PresignService {
    at(store_of(fake))
        .policy(free().multipart_threshold(1))
        .authorize(|_| async { Err(Refusal::forbidden("No.")) })
        .build_service()
        .unwrap()
}

/// Whatever method an endpoint is asked by, and whatever it is said to mean instead.
#[tokio::test]
async fn no_method_gets_past_the_hook() {
    let fake = FakeStore::default();
    let service = mount(&fake, free().multipart_threshold(1));
    let body = json!({ "files": [png(9)] }).to_string();
    let token = post(service, body).await.json()["grants"][0]["token"].take();
    let everything = json!({
        "files": [png(1), png(1 << 30)], "token": token, "from": 1, "uploads": [{ "token": token }],
    });
    for method in [
        "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "QUERY", "get",
    ] {
        for endpoint in ENDPOINTS {
            for instead in ["GET", "POST", "DELETE"] {
                let uri = format!(
                    "/presignedUrl{endpoint}?name=a.png&size=1&type=image/png&key=a&_method={instead}"
                );
                let mut asked = Request::new(Body::from(everything.to_string()));
                *asked.method_mut() = method.parse().unwrap();
                *asked.uri_mut() = uri.parse().unwrap();
                for (name, value) in [
                    ("content-type", "application/json"),
                    ("x-http-method-override", instead),
                    ("x-http-method", instead),
                    ("x-method-override", instead),
                ] {
                    asked
                        .headers_mut()
                        .insert(name, HeaderValue::from_static(value));
                }
                let reply = send(refusing(&fake), asked).await;
                let text = reply.text();
                assert!(!text.contains("X-Amz-"), "{method} {endpoint}: {text}");
                let harmless =
                    endpoint == "/limits" || text.contains("\"error\":{\"code\":\"forbidden\"");
                assert!(
                    reply.status.is_client_error() || harmless,
                    "{method} {endpoint}: {} {text}",
                    reply.status
                );
            }
        }
    }
    assert_eq!(fake.calls(), ["create"], "nothing was asked of the store");
}

/// A guard in front that knows the endpoints by their paths is not gone around by another spelling of them.
#[tokio::test]
async fn no_other_spelling_of_a_path_reaches_an_endpoint() {
    for path in [
        "//presignedUrl",
        "/./presignedUrl",
        "/x/../presignedUrl",
        "/presignedUrl;a=b",
        "/presignedUrl%00",
        "/presignedUrl%20",
        "/%70resignedUrl",
        "/presignedurl",
        "/PRESIGNEDURL",
        "/presignedUrl//",
        "/presignedUrl/.",
        "/presignedUrl/parts/..",
        "/presignedUrl/x/../parts",
        "/presignedUrl%2fparts",
        "/presignedUrl/%70arts",
        "/presignedUrl/parts/",
        "/presignedUrl\\parts",
    ] {
        let Ok(uri) = format!("{path}?name=a.png").parse::<http::Uri>() else {
            continue;
        };
        for method in ["GET", "POST"] {
            let mut asked = Request::new(Body::from(json!({ "files": [png(1)] }).to_string()));
            *asked.method_mut() = method.parse().unwrap();
            *asked.uri_mut() = uri.clone();
            let json = HeaderValue::from_static("application/json");
            asked.headers_mut().insert("content-type", json);
            problem(&send(public(free()), asked).await, 404, "not_found");
        }
    }
}

/// Where the store is, the server was told by its configuration and is told by nobody else.
#[tokio::test]
async fn no_header_says_where_the_store_is() {
    let fake = FakeStore::default();
    let service = mount(&fake, Policy::new().multipart_threshold(1));
    for (name, value) in [
        ("host", "evil.example"),
        ("x-forwarded-host", "evil.example"),
        ("x-forwarded-proto", "gopher"),
        ("x-forwarded-port", "1"),
        ("x-forwarded-prefix", "//evil.example"),
        ("forwarded", "host=evil.example;proto=http"),
        ("x-original-url", "http://evil.example/presignedUrl"),
        ("x-rewrite-url", "//evil.example/"),
        ("x-host", "169.254.169.254"),
        ("x-amz-security-token", "evil"),
        ("x-amz-date", "20990101T000000Z"),
        ("authorization", "AWS4-HMAC-SHA256 Credential=evil"),
    ] {
        for uri in ["/presignedUrl", "http://evil.example/presignedUrl"] {
            let asked = Request::post(uri)
                .header("content-type", "application/json")
                .header(HeaderName::from_static(name), value)
                .body(Body::from(json!({ "files": [png(9)] }).to_string()))
                .unwrap();
            let reply = send(service.clone(), asked).await;
            let grant = &reply.json()["grants"][0];
            let url = grant["parts"][0].as_str().unwrap();
            assert!(url.starts_with("https://s3.test/uploads/"), "{name}: {url}");
            assert!(url.contains("X-Amz-Date=20130524T000000Z"), "{name}: {url}");
            assert!(!reply.text().contains("evil"), "{name}: {}", reply.text());
        }
    }
    assert!(
        fake.hosts().iter().all(|host| host == "s3.test"),
        "{:?}",
        fake.hosts()
    );
}

fn is_no_page(reply: &Reply, what: &str) {
    let kind = reply.header("content-type");
    let inert = [
        "application/json",
        "application/problem+json",
        "text/plain; charset=utf-8",
    ];
    assert!(inert.contains(&kind), "{what}: {kind}");
    assert_eq!(reply.header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(reply.header("cache-control"), "no-store", "{what}");
}

/// Whatever of a request comes back in an answer comes back as something that no browser runs, and that nobody keeps for others.
#[tokio::test]
async fn no_answer_is_a_page_or_kept_for_others() {
    const SCRIPT: &str = "<script>alert(1)</script>";
    let encoded = "%3Cscript%3Ealert(1)%3C/script%3E";
    for uri in [
        "/presignedUrl".to_owned(),
        format!("/presignedUrl?name={encoded}"),
        format!("/presignedUrl?name=a&size={encoded}"),
        format!("/presignedUrl?name=a&size=1&type={encoded}"),
        format!("/presignedUrl/{encoded}"),
        format!("/elsewhere/{encoded}"),
        "/presignedUrl/limits".to_owned(),
        "/presignedUrl/parts".to_owned(),
    ] {
        for method in ["GET", "HEAD", "DELETE"] {
            is_no_page(&send(public(free()), request(method, &uri)).await, &uri);
        }
    }
    let file = json!({ "name": SCRIPT, "size": 1, "type": SCRIPT, "metadata": { SCRIPT: SCRIPT } });
    for path in ENDPOINTS.map(|endpoint| format!("/presignedUrl{endpoint}")) {
        for body in [
            json!({ "files": [file] }).to_string(),
            json!({ SCRIPT: 1, "token": SCRIPT, "from": SCRIPT, "uploads": [{ "token": SCRIPT }] })
                .to_string(),
            SCRIPT.to_owned(),
        ] {
            is_no_page(&post_to(public(free()), &path, body).await, &path);
        }
    }
    for (name, value) in [("content-type", SCRIPT), ("accept", "text/html")] {
        let mut asked = request("POST", "/presignedUrl");
        asked.headers_mut().insert(name, value.parse().unwrap());
        is_no_page(&send(public(free()), asked).await, name);
    }
    // Two pages that differ in what they accept are not given each other's answer.
    let reply = get(public(free()), "/presignedUrl?name=a").await;
    assert_eq!(reply.header("vary"), "accept");
}

/// Nor is an answer without a body kept, or looked into: to `OPTIONS`, which another site's page asks first, to giving up, and to whoever is sent on.
#[tokio::test]
async fn an_answer_without_a_body_is_not_kept_for_others_either() {
    let fake = FakeStore::default();
    fake.put_object("a", 1, "etag");
    let service = at(store_of(&fake))
        .policy(Policy::new().multipart_threshold(1))
        .downloads()
        .public()
        .build_service()
        .unwrap();
    let mut answers = Vec::new();
    for endpoint in ENDPOINTS {
        let asked = request("OPTIONS", &format!("/presignedUrl{endpoint}"));
        answers.push((204, send(service.clone(), asked).await));
        let asked = request("HEAD", &format!("/presignedUrl{endpoint}x"));
        answers.push((404, send(service.clone(), asked).await));
    }
    let grants = post(service.clone(), json!({ "files": [png(9)] }).to_string()).await;
    let abort = json!({ "token": grants.json()["grants"][0]["token"] }).to_string();
    for _ in 0..2 {
        let path = "/presignedUrl/abort";
        answers.push((204, post_to(service.clone(), path, abort.clone()).await));
    }
    for method in ["GET", "HEAD"] {
        let asked = request(method, "/presignedUrl/download?key=a");
        answers.push((302, send(service.clone(), asked).await));
    }
    for (status, reply) in answers {
        assert_eq!(reply.status, status, "{:?}", reply.headers);
        assert!(reply.body.is_empty());
        assert_eq!(reply.header("cache-control"), "no-store");
        assert_eq!(reply.header("x-content-type-options"), "nosniff");
        assert_eq!(reply.header("set-cookie"), "");
    }
}

/// A list of a hundred thousand files costs the application nothing.
#[tokio::test]
async fn a_list_that_is_too_long_asks_nobody() {
    let (fake, asked) = (FakeStore::default(), Arc::new(AtomicUsize::new(0)));
    let counter = Arc::clone(&asked);
    let service = at(store_of(&fake))
        .authorize(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
            async { Ok(Permit::new()) }
        })
        .build_service()
        .unwrap();
    let file = r#"{"name":"a","size":1}"#;
    let files = format!("{{\"files\":[{}]}}", vec![file; 45_000].join(","));
    assert!(files.len() < 1 << 20, "it fits into a body");
    problem(&post(service.clone(), files).await, 400, "too_many_files");
    let upload = r#"{"token":""}"#;
    let uploads = format!("{{\"uploads\":[{}]}}", vec![upload; 80_000].join(","));
    let reply = post_to(service, "/presignedUrl/complete", uploads).await;
    problem(&reply, 400, "too_many_files");
    assert_eq!(asked.load(Ordering::Relaxed), 0);
    assert_eq!(fake.calls(), Vec::<&str>::new());
}

/// JSON that is deep, or that says the same thing twice, means nothing.
#[tokio::test]
async fn json_that_is_deep_or_ambiguous_is_refused() {
    let service = public(Policy::new());
    for open in ["[", "{\"a\":"] {
        for before in ["", "{\"files\":", "{\"files\":[{\"metadata\":", "{\"x\":"] {
            let deep = format!("{before}{}", open.repeat(200_000 / open.len()));
            for endpoint in ["", "/parts", "/resume", "/complete", "/abort"] {
                let path = format!("/presignedUrl{endpoint}");
                problem(
                    &post_to(service.clone(), &path, deep.clone()).await,
                    400,
                    "invalid_json",
                );
            }
        }
    }
    for twice in [
        r#"{"files":[{"name":"a","size":1}],"files":[{"name":"b","size":1}]}"#,
        r#"{"files":[{"name":"a","size":1,"size":99}]}"#,
        r#"{"files":[{"name":"a","size":1,"type":"a/b","type":"text/html"}]}"#,
        r#"{"files":[{"name":"a","size":1,"s\u0069ze":99}]}"#,
    ] {
        problem(&post(service.clone(), twice).await, 400, "invalid_json");
    }
    let twice = r#"{"files":[{"name":"a","size":1,"metadata":{"a":"1","A":"2"}}]}"#;
    let service = public(Policy::new().allow_metadata(["a"]));
    let reply = post(service, twice).await.json();
    assert_eq!(reply["grants"][0]["error"]["code"], "invalid_metadata");
}

/// A body says how long it is in two ways, or lies: what counts is what comes.
#[tokio::test]
async fn a_declared_length_that_lies_gets_nothing_more_read() {
    let long = format!("{{\"files\":[],\"x\":\"{}\"}}", "x".repeat(2 << 20));
    for length in ["1", "0", "-1", "+5", "1, 1", "99999999999999999999999", "x"] {
        let asked = Request::post("/presignedUrl")
            .header("content-type", "application/json")
            .header("content-length", length)
            .body(Body::from(long.clone()))
            .unwrap();
        let reply = public(Policy::new()).oneshot(asked).await.unwrap();
        assert_eq!(reply.status(), 413, "{length}");
    }
}
