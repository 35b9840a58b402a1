use std::convert::Infallible;

use axum::body::Body;
use bytes::Bytes;
use http::Request;
use http_body_util::StreamBody;
use presign_layer::{
    Ask, Credentials, KeyStrategy, Permit, Policy, PresignService, Refusal, Store,
};
use serde_json::{Value, json};

use crate::support::{Reply, ask, at, get, png, post, public, request, send, store};

/// A problem as RFC 9457 has it: a status that is the response's, a title, a code, and words.
fn problem(reply: &Reply, status: u16, code: &str) -> Value {
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

#[tokio::test]
async fn an_unknown_path_below_is_404() {
    for uri in [
        "/presignedUrl/nope",
        "/presignedUrl/limits/x",
        "/presignedUrl//limits",
        "/elsewhere",
    ] {
        problem(&get(public(Policy::new()), uri).await, 404, "not_found");
    }
}

#[tokio::test]
async fn a_wrong_method_is_405_with_allow() {
    for (method, uri, allow) in [
        ("PUT", "/presignedUrl", "GET, HEAD, POST, OPTIONS"),
        ("DELETE", "/presignedUrl", "GET, HEAD, POST, OPTIONS"),
        ("POST", "/presignedUrl/limits", "GET, HEAD, OPTIONS"),
        ("PROPFIND", "/presignedUrl/limits", "GET, HEAD, OPTIONS"),
    ] {
        let reply = send(public(Policy::new()), request(method, uri)).await;
        problem(&reply, 405, "method_not_allowed");
        assert_eq!(reply.header("allow"), allow);
    }
}

#[tokio::test]
async fn a_body_over_the_cap_is_413_whether_declared_or_not() {
    let service = || at(store()).public().max_body(100).build_service().unwrap();
    let long = format!("{{\"files\":[],\"x\":\"{}\"}}", "x".repeat(100));
    problem(&post(service(), long.clone()).await, 413, "body_too_large");

    let chunks = long
        .into_bytes()
        .into_iter()
        .map(|byte| Ok::<_, Infallible>(http_body::Frame::data(Bytes::copy_from_slice(&[byte]))));
    let undeclared = Body::new(StreamBody::new(futures_util::stream::iter(chunks)));
    problem(&post(service(), undeclared).await, 413, "body_too_large");

    let exact = format!("{{\"files\":[],\"x\":\"{}\"}}", "x".repeat(81));
    assert_eq!(exact.len(), 100);
    problem(&post(service(), exact).await, 400, "no_files");
}

#[tokio::test]
async fn a_declared_length_over_the_cap_is_refused_unread() {
    let request = Request::builder()
        .method("POST")
        .uri("/presignedUrl")
        .header("content-type", "application/json")
        .header("content-length", "99999999999")
        .body(Body::from_stream(futures_util::stream::pending::<
            Result<Bytes, Infallible>,
        >()))
        .unwrap();
    problem(
        &send(public(Policy::new()), request).await,
        413,
        "body_too_large",
    );
}

#[tokio::test]
async fn a_body_that_breaks_off_is_said_to() {
    let broken = futures_util::stream::iter([
        Ok(Bytes::from_static(b"{\"files\":")),
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
    ]);
    let reply = post(public(Policy::new()), Body::from_stream(broken)).await;
    problem(&reply, 400, "body_unreadable");
}

#[tokio::test]
async fn anything_but_json_is_415() {
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
    ] {
        let mut request = request("POST", "/presignedUrl");
        request
            .headers_mut()
            .insert("content-type", content_type.parse().unwrap());
        problem(
            &send(public(Policy::new()), request).await,
            415,
            "unsupported_media_type",
        );
    }
    let reply = send(public(Policy::new()), request("POST", "/presignedUrl")).await;
    problem(&reply, 415, "unsupported_media_type");
}

#[tokio::test]
async fn bad_json_is_400_and_says_where() {
    for (body, says) in [
        ("", "line 1 column 0"),
        ("{", "line 1 column 1"),
        ("[]", "expected struct GrantRequest"),
        ("{}", "missing field `files`"),
        (
            "{\"files\":[{\"name\":\"a\",\"size\":1},\n{\"name\":\"b\",\"size\":-1}]}",
            "`files[1].size`: invalid value: integer `-1`",
        ),
        (
            "{\"files\":[{\"name\":\"a\",\"size\":1.5}]}",
            "`files[0].size`",
        ),
        (
            "{\"files\":[{\"name\":\"a\",\"size\":1e400}]}",
            "number out of range",
        ),
        (
            "{\"files\":[{\"name\":\"a\",\"size\":\"1\"}]}",
            "`files[0].size`: invalid type: string",
        ),
        (
            "{\"files\":[{\"name\":\"a\"}]}",
            "`files[0]`: missing field `size`",
        ),
        (
            "{\"files\":[{\"name\":\"a\",\"name\":\"b\",\"size\":1}]}",
            "duplicate field `name`",
        ),
        ("{\"files\":[{\"name\":7,\"size\":1}]}", "`files[0].name`"),
        (
            "{\"files\":[{\"name\":\"\\ud800\",\"size\":1}]}",
            "`files[0].name`",
        ),
        (
            "{\"files\":[{\"name\":\"a\",\"size\":1,\"metadata\":{\"b\":1}}]}",
            "`files[0].metadata.b`",
        ),
        (
            "{\"files\":[]} {}",
            "After the end of the object: trailing characters",
        ),
    ] {
        let reply = post(public(Policy::new()), body).await;
        let problem = problem(&reply, 400, "invalid_json");
        assert!(
            problem["detail"].as_str().unwrap().contains(says),
            "{body}: {problem}"
        );
    }
}

#[tokio::test]
async fn deep_json_is_400() {
    let deep = format!("{{\"files\":[],\"x\":{}", "[".repeat(500_000));
    problem(
        &post(public(Policy::new()), deep).await,
        400,
        "invalid_json",
    );
}

#[tokio::test]
async fn no_files_and_too_many_are_400() {
    problem(
        &post(public(Policy::new()), "{\"files\":[]}").await,
        400,
        "no_files",
    );
    let three = json!({ "files": [png(1), png(1), png(1)] }).to_string();
    let reply = post(public(Policy::new().max_files(2)), three).await;
    assert_eq!(problem(&reply, 400, "too_many_files")["maxFiles"], 2);
}

#[tokio::test]
async fn each_rule_of_the_policy_refuses_in_the_files_place() {
    let policy = || {
        Policy::new()
            .min_size(2)
            .max_size(1000)
            .content_types(["image/*"])
            .allow_metadata(["album"])
    };
    let with = |key: &str, value: Value| {
        let mut file = png(5);
        file[key] = value;
        file
    };
    for (file, code, says) in [
        (png(1001), "file_too_large", "1001 bytes; at most 1000"),
        (
            png(u64::MAX),
            "file_too_large",
            "18446744073709551615 bytes",
        ),
        (png(1), "file_too_small", "at least 2"),
        (
            with("type", json!("text/html")),
            "type_not_allowed",
            "text/html; allowed are: image/*",
        ),
        (
            with("type", json!("")),
            "type_not_allowed",
            "application/octet-stream",
        ),
        (
            with("type", json!("imagex/png")),
            "type_not_allowed",
            "imagex/png",
        ),
        (
            with("type", json!("image/png\r\nx: y")),
            "invalid_type",
            "is not a content type",
        ),
        (with("name", json!("")), "invalid_name", "no name"),
        (with("name", json!(" \t")), "invalid_name", "no name"),
        (
            with("metadata", json!({ "role": "admin" })),
            "metadata_not_allowed",
            "allowed are: album",
        ),
        (
            with("metadata", json!({ "album": "a\nb" })),
            "invalid_metadata",
            "control character",
        ),
        (
            with("metadata", json!({ "album": "a", "Album": "b" })),
            "invalid_metadata",
            "twice",
        ),
        (
            with("metadata", json!({ "album": "x".repeat(3000) })),
            "invalid_metadata",
            "at most 2048 bytes",
        ),
        (
            with("metadata", json!({ "a b": "c" })),
            "invalid_metadata",
            "not a metadata name",
        ),
    ] {
        let refusal = ask(public(policy()), file.clone()).await;
        assert_eq!(refusal["error"]["code"], code, "{file}: {refusal}");
        assert!(
            refusal["error"]["message"].as_str().unwrap().contains(says),
            "{refusal}"
        );
    }
    assert!(ask(public(policy()), png(1000)).await.get("url").is_some());
}

#[tokio::test]
async fn five_gib_fit_into_one_put_and_a_byte_more_does_not() {
    let max = 5 * 1024 * 1024 * 1024;
    assert!(
        ask(public(Policy::new()), png(max))
            .await
            .get("url")
            .is_some()
    );
    assert_eq!(
        ask(public(Policy::new()), png(max + 1)).await["error"]["code"],
        "file_too_large"
    );
    assert!(
        ask(public(Policy::new()), png(0))
            .await
            .get("url")
            .is_some()
    );
}

#[tokio::test]
async fn names_that_are_no_keys_are_refused() {
    let by_name = || public(Policy::new().key(KeyStrategy::FileName));
    for name in [
        "..",
        "a/../b",
        "/etc/passwd",
        "a\0b",
        "a/.",
        &"x".repeat(1025),
    ] {
        let refusal = ask(by_name(), json!({ "name": name, "size": 1 })).await;
        assert_eq!(refusal["error"]["code"], "invalid_key", "{name:?}");
    }
}

fn hooked(hook: fn(&Ask) -> Result<Permit, Refusal>) -> PresignService {
    at(store())
        .policy(Policy::new().allow_overwrite())
        .authorize(move |ask: Ask| async move { hook(&ask) })
        .build_service()
        .unwrap()
}

#[tokio::test]
async fn the_hook_refuses_one_file_or_the_whole_request() {
    let one = hooked(|ask| {
        if ask.file.name == "secret.txt" {
            return Err(Refusal::forbidden("Not this one."));
        }
        Ok(Permit::new())
    });
    let files = json!({ "files": [{ "name": "secret.txt", "size": 1 }, png(1)] });
    let grants = post(one.clone(), files.to_string()).await.json();
    assert_eq!(
        grants["grants"][0]["error"],
        json!({ "code": "forbidden", "message": "Not this one." })
    );
    assert!(grants["grants"][1].get("url").is_some());
    problem(
        &get(one, "/presignedUrl?name=secret.txt").await,
        403,
        "forbidden",
    );

    let nobody = hooked(|_| Err(Refusal::unauthenticated("Sign in.")));
    let reply = post(nobody.clone(), json!({ "files": [png(1)] }).to_string()).await;
    assert_eq!(
        problem(&reply, 401, "unauthenticated")["detail"],
        "Sign in."
    );
    problem(
        &get(nobody, "/presignedUrl?name=a").await,
        401,
        "unauthenticated",
    );

    let broken = hooked(|_| Err(std::io::Error::other("postgres://user:password@host").into()));
    let reply = post(broken, json!({ "files": [png(1)] }).to_string()).await;
    problem(&reply, 500, "internal");
    assert!(!reply.text().contains("password"));
}

#[tokio::test]
async fn a_permit_narrows_and_never_widens() {
    let narrow = hooked(|_| {
        Ok(Permit::new()
            .key_prefix("users/42/")
            .max_size(10)
            .types(["image/*"])
            .metadata("Uploader", "42")
            .expires_in(std::time::Duration::from_mins(1))
            .forbid_overwrite())
    });
    let grant = ask(narrow.clone(), png(10)).await;
    assert!(
        grant["key"]
            .as_str()
            .unwrap()
            .starts_with("users/42/013ed3d5-"),
        "{grant}"
    );
    assert_eq!(grant["headers"]["x-amz-meta-uploader"], "42");
    assert_eq!(grant["headers"]["if-none-match"], "*");
    assert_eq!(grant["expiresIn"], 60);
    assert!(grant["url"].as_str().unwrap().contains("X-Amz-Expires=60&"));
    assert_eq!(ask(narrow.clone(), png(11)).await["error"]["maxSize"], 10);
    let text = json!({ "name": "a", "size": 1, "type": "text/plain" });
    assert_eq!(
        ask(narrow.clone(), text).await["error"]["code"],
        "type_not_allowed"
    );
    problem(
        &get(narrow, "/presignedUrl?name=a.png").await,
        400,
        "size_and_type_required",
    );

    let wide = at(store())
        .policy(Policy::new().max_size(5).content_types(["image/png"]))
        .authorize(|_| async {
            Ok(Permit::new()
                .max_size(500)
                .types(["*/*"])
                .expires_in(std::time::Duration::from_hours(48)))
        })
        .build_service()
        .unwrap();
    assert_eq!(ask(wide.clone(), png(6)).await["error"]["maxSize"], 5);
    let text = json!({ "name": "a", "size": 1, "type": "text/plain" });
    assert_eq!(
        ask(wide.clone(), text).await["error"]["code"],
        "type_not_allowed"
    );
    assert_eq!(ask(wide, png(5)).await["expiresIn"], 900);
}

#[tokio::test]
async fn a_prefix_leads_nowhere_else() {
    for prefix in ["..", "../other", "/", "a/../.."] {
        let service = at(store())
            .authorize(move |_| async move { Ok(Permit::new().key_prefix(prefix)) })
            .build_service()
            .unwrap();
        let answer = ask(service, png(1)).await;
        let escaped = answer.get("url").is_some_and(|url| {
            let url = url::Url::parse(url.as_str().unwrap()).unwrap();
            !url.path().starts_with("/uploads/0")
        });
        assert!(!escaped, "{prefix}: {answer}");
    }
}

#[tokio::test]
async fn without_credentials_the_request_is_503() {
    let store = Store::builder("https://s3.test", "uploads")
        .credentials_provider(|| async { Err::<Credentials, _>("secret vault sv-1234 is sealed") })
        .build()
        .unwrap();
    let service = at(store).public().build_service().unwrap();
    let reply = post(service, json!({ "files": [png(1)] }).to_string()).await;
    problem(&reply, 503, "credentials_unavailable");
    assert!(!reply.text().contains("sv-1234"));
}
