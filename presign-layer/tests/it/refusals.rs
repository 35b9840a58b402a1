use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::FutureExt;
use http::Request;
use http_body_util::StreamBody;
use presign_layer::{Credentials, KeyStrategy, Policy, Store};
use serde_json::{Value, json};

use crate::support::{ask, at, free, get, png, post, problem, public, request, send, store};

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
    let missed = get(public(Policy::new()), "/presignedUrl/finish").await;
    let says = "here are `/presignedUrl` and, below it, `/limits`, `/parts`, `/resume`, `/complete`, `/abort` and `/openapi.json`.";
    assert!(missed.text().contains(says), "{}", missed.text());
}

#[tokio::test]
async fn a_wrong_method_is_405_with_allow() {
    for (method, uri, allow) in [
        ("PUT", "/presignedUrl", "GET, HEAD, POST, OPTIONS"),
        ("DELETE", "/presignedUrl", "GET, HEAD, POST, OPTIONS"),
        ("POST", "/presignedUrl/limits", "GET, HEAD, OPTIONS"),
        ("PROPFIND", "/presignedUrl/limits", "GET, HEAD, OPTIONS"),
        ("GET", "/presignedUrl/parts", "POST, OPTIONS"),
        ("PUT", "/presignedUrl/resume", "POST, OPTIONS"),
        ("GET", "/presignedUrl/complete", "POST, OPTIONS"),
        ("DELETE", "/presignedUrl/abort", "POST, OPTIONS"),
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

#[test]
fn a_declared_length_over_the_cap_is_refused_unread() {
    let request = Request::builder()
        .method("POST")
        .uri("/presignedUrl")
        .header("content-type", "application/json")
        .header("content-length", "99999999999")
        .body(Body::from_stream(futures_util::stream::pending::<
            Result<Bytes, Infallible>,
        >()))
        .unwrap();
    let reply = send(public(Policy::new()), request).now_or_never();
    problem(
        &reply.expect("nothing is waited for"),
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
        ("[]", "expected an object with `files`"),
        ("[[]]", "expected an object with `files`"),
        (
            "{\"files\":[[\"a\",1]]}",
            "`files[0]`: invalid type: sequence, expected an object",
        ),
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
async fn a_name_that_is_not_utf8_is_400() {
    let body = b"{\"files\":[{\"name\":\"\xff\xfe\",\"size\":1}]}".to_vec();
    let problem = problem(
        &post(public(Policy::new()), body).await,
        400,
        "invalid_json",
    );
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("files[0].name"),
        "{problem}"
    );
}

#[tokio::test]
async fn a_body_that_is_not_utf8_where_nobody_reads_it_is_400() {
    let body = b"{\"files\":[{\"name\":\"a\",\"size\":1,\"more\":\"\xff\"}]}".to_vec();
    let reply = post(public(Policy::new()), body).await;
    let problem = problem(&reply, 400, "invalid_json");
    assert!(
        problem["detail"].as_str().unwrap().contains("not UTF-8"),
        "{problem}"
    );
}

#[tokio::test]
async fn absurdly_long_input_is_not_sent_back() {
    let long = "x".repeat(900_000);
    let wrong_size = json!({ "files": [{ "name": "a", "size": long }] }).to_string();
    let reply = post(public(Policy::new()), wrong_size).await;
    problem(&reply, 400, "invalid_json");
    assert!(reply.body.len() < 1000 && reply.text().contains("at line 1"));

    let metadata = json!({ long: "a" });
    let file = json!({ "name": "a", "size": 1, "metadata": metadata });
    let refusal = ask(public(Policy::new()), file).await.to_string();
    assert!(refusal.contains("invalid_metadata") && refusal.len() < 1000);
}

#[tokio::test]
async fn a_query_that_says_too_little_or_too_much_is_400() {
    for (query, code) in [
        ("", "invalid_request"),
        ("?size=1&type=a/b", "invalid_request"),
        ("?name=a&name=b&size=1&type=a/b", "invalid_request"),
        ("?name=a&size=1&size=2&type=a/b", "invalid_request"),
        ("?name=a&size=1&type=a/b&type=c/d", "invalid_request"),
        ("?name=a&size=1e3&type=a/b", "invalid_request"),
        ("?name=a&size=-1&type=a/b", "invalid_request"),
        ("?name=%ff&size=1&type=a/b", "invalid_request"),
        ("?name=&size=1&type=a/b", "invalid_name"),
        ("?name=a&size=1&type=a", "invalid_type"),
        ("?name=a&size=5368709121&type=a/b", "file_too_large"),
    ] {
        for policy in [Policy::new(), free()] {
            let reply = get(public(policy), &format!("/presignedUrl{query}")).await;
            problem(&reply, 400, code);
        }
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
        ask(public(Policy::new().single_put_only()), png(max))
            .await
            .get("url")
            .is_some()
    );
    assert_eq!(
        ask(public(Policy::new().single_put_only()), png(max + 1)).await["error"]["code"],
        "file_too_large"
    );
    assert!(
        ask(public(Policy::new().single_put_only()), png(0))
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
        let custom = KeyStrategy::custom(|naming| naming.ask.file.name.clone());
        let file = json!({ "name": name, "size": 1 });
        let refusal = ask(public(Policy::new().key(custom)), file).await;
        assert_eq!(refusal["error"]["code"], "invalid_key", "{name:?}");
    }
}

#[tokio::test]
async fn without_credentials_the_request_is_503() {
    let store = Store::builder("https://s3.test", "uploads")
        .credentials_provider(|| async { Err::<Credentials, _>("secret vault sv-1234 is sealed") })
        .build()
        .unwrap();
    let service = at(store)
        .token_keys([[7; 32]])
        .public()
        .build_service()
        .unwrap();
    let reply = post(service, json!({ "files": [png(1)] }).to_string()).await;
    problem(&reply, 503, "credentials_unavailable");
    assert!(!reply.text().contains("sv-1234"));
}

/// A key that could be guessed, or a time that is wrong, is worse than no answer.
#[tokio::test]
async fn without_time_or_randomness_the_request_is_500() {
    let file = json!({ "files": [png(1)] }).to_string();
    let before_1970 =
        at(store()).clock(|| std::time::SystemTime::UNIX_EPOCH - Duration::from_secs(1));
    let no_random = at(store()).random(|_| Err("the device /dev/sv-1234 is gone".into()));
    for builder in [before_1970, no_random] {
        let reply = post(builder.public().build_service().unwrap(), file.clone()).await;
        problem(&reply, 500, "internal");
        assert!(!reply.text().contains("sv-1234"));
    }
}
