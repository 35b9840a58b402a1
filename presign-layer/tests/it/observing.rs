//! What operators see of the endpoints: the request's own IDs wherever something is refused, and spans that say what came of each file.

use axum::Router;
use axum::body::Body;
use http::{HeaderName, Request};
use presign_layer::{
    Ask, Builder, Credentials, Permit, Policy, PresignLayer, PresignService, Refusal, Store,
};
use serde_json::{Value, json};
use tower::ServiceExt;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};

use crate::fake::{Failure, FakeStore};
use crate::secrets::logged;
use crate::support::{
    Reply, SECRET, at, mount, png, post, problem, public, request, send, store, store_of,
};

const ID: &str = "Root=1-67891233-abcdef012345678912345678";
const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// A request as a proxy passes it on that gives it an ID and takes part in its trace.
fn known(method: &str, uri: &str, body: &Value) -> Request<Body> {
    Request::builder()
        .method(method)
        .uri(uri)
        .header("content-type", "application/json")
        .header("x-request-id", ID)
        .header("traceparent", TRACEPARENT)
        .body(Body::from(body.to_string()))
        .unwrap()
}

#[tokio::test]
async fn every_refusal_says_which_request_it_was() {
    let service = public(Policy::new().max_size(10));
    let none = json!({});
    for (method, path, body, code) in [
        ("GET", "?name=a", &none, "size_and_type_required"),
        ("GET", "/nonsense", &none, "not_found"),
        ("PATCH", "", &none, "method_not_allowed"),
        ("POST", "", &none, "invalid_json"),
        ("POST", "/parts", &none, "invalid_json"),
        (
            "POST",
            "/resume",
            &json!({ "token": "nonsense" }),
            "token_invalid",
        ),
    ] {
        let uri = format!("/presignedUrl{path}");
        let reply = send(service.clone(), known(method, &uri, body)).await;
        let problem = reply.json();
        assert_eq!(problem["code"], code, "{problem}");
        assert_eq!(problem["requestId"], ID, "{problem}");
        assert_eq!(problem["traceparent"], TRACEPARENT, "{problem}");
        assert_eq!(reply.header("x-request-id"), ID);
        assert_eq!(
            reply.header("content-length"),
            reply.body.len().to_string(),
            "{problem}"
        );
    }
    // What an answer has besides the problem is still there.
    let reply = send(service.clone(), known("PATCH", "/presignedUrl", &none)).await;
    assert_eq!(reply.header("allow"), "GET, HEAD, POST, OPTIONS");
    problem(&reply, 405, "method_not_allowed");
    let outside = send(service, known("GET", "/elsewhere", &none)).await;
    assert_eq!(problem(&outside, 404, "not_found")["requestId"], ID);
}

#[tokio::test]
async fn a_refused_file_says_it_in_its_place() {
    let service = public(Policy::new().max_size(10));
    for (path, body, list) in [
        ("", json!({ "files": [png(1), png(11)] }), "grants"),
        (
            "/complete",
            json!({ "uploads": [{ "token": "nonsense" }] }),
            "results",
        ),
    ] {
        let uri = format!("/presignedUrl{path}");
        let reply = send(service.clone(), known("POST", &uri, &body)).await;
        assert_eq!(
            (reply.status.as_u16(), reply.header("x-request-id")),
            (200, ID)
        );
        let answer = reply.json();
        let last = answer[list].as_array().unwrap().last().unwrap();
        assert_eq!(last["error"]["requestId"], ID, "{answer}");
        assert_eq!(last["error"]["traceparent"], TRACEPARENT, "{answer}");
    }
}

/// `HEAD` says how long the answer to `GET` is, with all that is in it.
#[tokio::test]
async fn a_refusal_without_its_body_is_as_long_as_with_it() {
    for uri in ["/presignedUrl?name=a", "/presignedUrl/nonsense"] {
        let service = public(Policy::new());
        let got = send(service.clone(), known("GET", uri, &json!({}))).await;
        let head = send(service, known("HEAD", uri, &json!({}))).await;
        assert!(head.body.is_empty() && got.text().contains(ID));
        assert_eq!(head.headers, got.headers);
        assert_eq!(head.status, got.status);
    }
}

#[tokio::test]
async fn what_is_no_id_is_repeated_nowhere() {
    for (name, value) in [
        ("x-request-id", "<script>alert(1)</script>"),
        ("x-request-id", "two words"),
        ("x-request-id", &*"a".repeat(200)),
        ("traceparent", "00-nonsense-00f067aa0ba902b7-01"),
    ] {
        let mut asked = request("GET", "/presignedUrl?name=a");
        let header = HeaderName::from_static(name);
        asked.headers_mut().insert(header, value.parse().unwrap());
        let reply = send(public(Policy::new()), asked).await;
        let problem = problem(&reply, 400, "size_and_type_required");
        assert_eq!(problem.get("requestId"), None);
        assert_eq!(problem.get("traceparent"), None);
        assert_eq!(reply.header("x-request-id"), "");
    }
}

/// As the documentation has it: with tower-http's middleware around.
#[tokio::test]
async fn an_id_that_middleware_makes_is_the_one_that_is_told() {
    let layer = PresignLayer::builder(store()).public().build().unwrap();
    let app = Router::new()
        .layer(layer)
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid));
    let reply = send(app, request("GET", "/presignedUrl/nonsense")).await;
    let told = reply.json()["requestId"].as_str().unwrap().to_owned();
    assert_eq!(told.len(), 36);
    let in_headers: Vec<_> = reply.headers.get_all("x-request-id").iter().collect();
    assert_eq!(in_headers, [told.as_str()]);
}

const SESSION_TOKEN: &str = "the-session-token";
const TOKEN_KEY: &str = "thirty-two bytes and a few more of them";
const COOKIE: &str = "session=hunter2";

/// A mount where the user 42 may upload what is not named `no`, over a store that is called with a session token.
fn watched(fake: &FakeStore, policy: Policy) -> PresignService {
    let credentials = Credentials::new("AKIAEXAMPLE", SECRET).with_session_token(SESSION_TOKEN);
    let store = Store::builder("https://s3.test", "uploads")
        .credentials(credentials)
        .client(fake.clone());
    let mount: Builder = at(store.build().unwrap());
    mount
        .policy(policy)
        .token_keys([TOKEN_KEY])
        .downloads()
        .authorize(|ask: Ask| async move {
            if ask.file.name == "no" {
                return Err(Refusal::forbidden("No."));
            }
            Ok(Permit::new().subject("the user 42").key_prefix("users/42"))
        })
        .build_service()
        .unwrap()
}

/// Asks as the browser does that the user has signed in with.
async fn asked(service: &PresignService, method: &str, path: &str, body: &Value) -> Reply {
    let mut request = known(method, &format!("/presignedUrl{path}"), body);
    request
        .headers_mut()
        .insert("cookie", COOKIE.parse().unwrap());
    send(service.clone(), request).await
}

/// Every text in `value` that is a secret of those who got the answer.
fn secrets_in(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                let is_secret = ["token", "receipt", "url", "policy"].contains(&name.as_str())
                    || name.to_lowercase().contains("signature");
                match field.as_str() {
                    Some(secret) if is_secret => found.push(secret.to_owned()),
                    _ => secrets_in(field, found),
                }
            }
        }
        Value::Array(items) => {
            for item in items {
                match item.as_str() {
                    Some(url) if url.starts_with("https:") => found.push(url.to_owned()),
                    _ => secrets_in(item, found),
                }
            }
        }
        _ => {}
    }
}

/// All that a page can ask for, and all that can go wrong with it. Answers the secrets that were told to it.
async fn everything() -> Vec<String> {
    const MIB: u64 = 1 << 20;
    let fake = FakeStore::default();
    let policy = || {
        Policy::new()
            .max_size(100 * MIB)
            .post_below(100)
            .multipart_threshold(10 * MIB)
            .part_size(5 * MIB)
    };
    let service = watched(&fake, policy());
    let mut told = Vec::new();
    let file = |name: &str, size: u64| json!({ "name": name, "size": size, "type": "image/png" });
    let files = json!({ "files": [
        file("form.png", 99), file("put.png", 101), file("parts.png", 12 * MIB), file("aborted.png", 12 * MIB),
        file("no", 1), file("large.png", 1 << 40),
    ] });
    let answer = asked(&service, "POST", "", &files).await.json();
    secrets_in(&answer, &mut told);
    let grants = answer["grants"].as_array().unwrap();
    let (put, parts, aborted) = (&grants[1], &grants[2], &grants[3]);
    let parts_of = |grant: &Value| {
        let urls = grant["parts"].as_array().unwrap().clone();
        urls.into_iter().map(|url| url.as_str().unwrap().to_owned())
    };

    let upload = |grant: &Value| json!({ "token": grant["token"] });
    let completing = json!({ "uploads": [upload(put), upload(parts)] });
    let nothing_yet = asked(&service, "POST", "/complete", &completing).await;
    assert!(
        nothing_yet.text().contains("object_missing"),
        "{}",
        nothing_yet.text()
    );
    fake.put(put);
    for (url, size) in parts_of(parts).zip([5 * MIB, 5 * MIB, 2 * MIB]) {
        fake.put_part(&url, size);
    }
    for (path, body) in [
        ("/parts", json!({ "token": parts["token"], "from": 2 })),
        ("/resume", upload(parts)),
        ("/complete", completing),
        ("/abort", upload(aborted)),
    ] {
        let reply = asked(&service, "POST", path, &body).await;
        assert!(reply.status.is_success(), "{path}: {}", reply.text());
        if !reply.body.is_empty() {
            secrets_in(&reply.json(), &mut told);
        }
    }

    // Answered with a presigned URL, in text, and where to go.
    let bare = watched(&fake, Policy::new().allow_overwrite().single_put_only());
    told.push(
        asked(&bare, "GET", "?name=a.png", &json!({}))
            .await
            .text()
            .to_owned(),
    );
    let path = format!("/download?key={}", put["key"].as_str().unwrap());
    let found = asked(&service, "GET", &path, &json!({})).await;
    assert_eq!(found.status, 302, "{}", found.text());
    let shown = format!("{:?}", found.headers);
    told.push(found.header("location").to_owned());
    assert!(!shown.contains("X-Amz"), "{shown}");

    // A store that fails in every way that there is, and a token that somebody changed.
    for call in ["create", "list", "abort", "head"] {
        fake.fail(call, Failure::Lost);
        fake.fail(call, Failure::Refused(403, "AccessDenied"));
    }
    for _ in 0..2 {
        let files = json!({ "files": [file("a.png", 12 * MIB)] });
        asked(&service, "POST", "", &files).await;
        for (path, body) in [
            ("/resume", upload(parts)),
            ("/complete", json!({ "uploads": [upload(put)] })),
            ("/abort", upload(parts)),
        ] {
            asked(&service, "POST", path, &body).await;
        }
        asked(&service, "GET", &path, &json!({})).await;
    }
    let token = put["token"].as_str().unwrap();
    let changed = json!({ "token": format!("{}A", &token[..token.len() - 1]) });
    asked(&service, "POST", "/abort", &changed).await;
    asked(&service, "POST", "/abort", &json!(token)).await;
    told
}

#[test]
fn whole_flows_tell_the_log_no_secret() {
    let (log, told) = logged(everything);
    assert!(told.len() > 15, "{told:?}");
    for secret in &told {
        // Part of it would be too much: of a URL the signature, of a token or a receipt what it begins and ends with.
        let pieces = match secret.split_once("X-Amz-Signature=") {
            Some((_, signature)) => vec![signature],
            None if secret.len() > 40 => vec![&secret[..40], &secret[secret.len() - 40..]],
            None => vec![secret.as_str()],
        };
        for piece in pieces {
            assert!(!log.contains(piece), "{piece} of {secret}");
        }
    }
    for secret in [
        SECRET,
        SESSION_TOKEN,
        TOKEN_KEY,
        COOKIE,
        "X-Amz-",
        "x-amz-",
        "upload-1",
    ] {
        assert!(!log.contains(secret), "{secret}: {log}");
    }
    // All of that was watched: each action, done and refused.
    for action in ["grant", "parts", "resume", "complete", "abort", "download"] {
        for what in [
            format!("presign.file{{action=\"{action}\""),
            format!("endpoint=\"{action}\""),
        ] {
            assert!(log.contains(&what), "{what}: {log}");
        }
    }
    for outcome in [
        "ok",
        "forbidden",
        "file_too_large",
        "object_missing",
        "store_failed",
        "token_invalid",
        "invalid_json",
    ] {
        let said = format!("outcome=\"{outcome}\"");
        assert!(log.contains(&said), "{said}: {log}");
    }
}

/// The line of `log` on which the span of a file ends.
fn closing<'a>(log: &'a str, action: &str) -> &'a str {
    let span = format!("presign.file{{action=\"{action}\"");
    let mut lines = log
        .lines()
        .filter(|line| line.contains(&span) && line.contains(": close"));
    lines
        .next_back()
        .unwrap_or_else(|| panic!("{action}: {log}"))
}

#[test]
fn a_span_says_what_it_is_about_and_what_came_of_it() {
    let (log, key) = logged(async || {
        let fake = FakeStore::default();
        let service = watched(&fake, Policy::new().max_size(1 << 30));
        let files = json!({ "files": [png(10)] });
        let grant = asked(&service, "POST", "", &files).await.json()["grants"][0].take();
        fake.put(&grant);
        let uploads = json!({ "uploads": [{ "token": grant["token"] }] });
        asked(&service, "POST", "/complete", &uploads).await;
        let refused = json!({ "token": grant["token"], "from": 1 });
        asked(&service, "POST", "/parts", &refused).await;
        grant["key"].as_str().unwrap().to_owned()
    });
    for (action, outcome) in [
        ("grant", "ok"),
        ("complete", "ok"),
        ("parts", "invalid_request"),
    ] {
        let line = closing(&log, action);
        for field in [
            "mount=\"/presignedUrl\"".to_owned(),
            "method=\"POST\"".to_owned(),
            format!("endpoint=\"{action}\""),
            format!("request_id=\"{ID}\""),
            format!("traceparent=\"{TRACEPARENT}\""),
            format!("key=\"{key}\""),
            "size=10".to_owned(),
            "subject=\"the user 42\"".to_owned(),
            format!("outcome=\"{outcome}\""),
        ] {
            assert!(line.contains(&field), "{field}: {line}");
        }
    }
    let mut lines = log.lines().filter(|line| line.contains("presign.request{"));
    let request = lines.next_back().unwrap();
    for field in ["status=400", "outcome=\"invalid_request\"", ": close"] {
        assert!(request.contains(field), "{field}: {request}");
    }
}

/// Its warnings are of the request, too.
#[test]
fn what_fails_at_the_store_is_told_with_the_request_that_it_failed() {
    let (log, ()) = logged(async || {
        let fake = FakeStore::default();
        fake.fail("create", Failure::Refused(403, "AccessDenied"));
        let service = watched(&fake, Policy::new());
        let files = json!({ "files": [png(40 << 20)] });
        asked(&service, "POST", "", &files).await;
    });
    let warning = log.lines().find(|line| line.contains(" WARN ")).unwrap();
    for said in [ID, "AccessDenied", "the user 42", "size=41943040"] {
        assert!(warning.contains(said), "{said}: {warning}");
    }
}

#[test]
fn whoever_does_not_wait_for_the_answer_is_seen() {
    let (log, ()) = logged(async || {
        let service = mount(&FakeStore::default(), Policy::new());
        let never = Body::from_stream(futures_util::stream::pending::<
            Result<bytes::Bytes, std::convert::Infallible>,
        >());
        let request = Request::post("/presignedUrl")
            .header("content-type", "application/json")
            .body(never)
            .unwrap();
        let answer = Box::pin(service.oneshot(request));
        futures_util::future::select(answer, std::future::ready(())).await;
    });
    assert!(log.contains("outcome=\"abandoned\""), "{log}");
    let (log, ()) = logged(async || {
        post(mount(&FakeStore::default(), Policy::new()), "").await;
    });
    assert!(!log.contains("abandoned"), "{log}");
}

/// Where nobody names a subject, there is none.
#[test]
fn a_public_mount_has_no_subject() {
    let (log, ()) = logged(async || {
        let service = at(store_of(&FakeStore::default())).public();
        let body = json!({ "files": [png(1)] }).to_string();
        post(service.build_service().unwrap(), body).await;
    });
    let line = closing(&log, "grant");
    assert!(
        line.contains("size=1") && !line.contains("subject"),
        "{line}"
    );
}
