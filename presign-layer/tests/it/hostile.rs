//! Whatever strangers send, they get an answer, and no server error.

use axum::body::Body;
use http::{HeaderValue, Request, Uri};
use presign_layer::{KeyStrategy, Policy, PresignService};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{free, post, post_to, public, send};

fn run<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

fn services() -> Vec<PresignService> {
    let limited = Policy::new()
        .max_size(1000)
        .content_types(["image/*"])
        .allow_metadata(["album"]);
    vec![
        public(Policy::new()),
        public(free().key(KeyStrategy::FileName)),
        public(limited.key(KeyStrategy::FileName)),
    ]
}

/// Every URL that was granted stays in the bucket, whatever the name.
fn check(answer: &Value) -> Result<(), TestCaseError> {
    let url = match answer["method"].as_str() {
        Some("multipart") => &answer["parts"][0],
        _ => &answer["url"],
    };
    let Some(url) = url.as_str() else {
        prop_assert!(answer["error"]["code"].is_string(), "{}", answer);
        prop_assert_ne!(&answer["error"]["code"], "internal");
        return Ok(());
    };
    let url = url::Url::parse(url).unwrap();
    prop_assert_eq!(url.host_str(), Some("s3.test"));
    let key = url.path().strip_prefix("/uploads/").unwrap();
    let key = percent_encoding::percent_decode_str(key)
        .decode_utf8()
        .unwrap();
    prop_assert_eq!(key.as_ref(), answer["key"].as_str().unwrap());
    for (_, value) in answer["headers"].as_object().into_iter().flatten() {
        prop_assert!(HeaderValue::from_str(value.as_str().unwrap()).is_ok());
    }
    Ok(())
}

fn size() -> impl Strategy<Value = u64> {
    prop_oneof![
        Just(0),
        Just(1),
        Just(u64::MAX),
        Just(5 << 30),
        Just((5 << 30) + 1),
        Just(5 << 40),
        Just((5 << 40) + 1),
        any::<u64>()
    ]
}

/// Names of any text, the awkward ones more often than chance has them.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        r"[./\\%#?&+ \u{0}\u{202e}\u{7f}\u{2028}é日]{0,20}",
        (0..3000_usize).prop_map(|length| "é".repeat(length)),
    ]
}

proptest! {
    #[test]
    fn any_file_is_granted_or_refused(
        name in name(), size in size(), kind in prop_oneof![any::<String>(), "[a-z*]{1,5}/[a-z*+.]{1,5}(; ?[a-z]=[a-z])?"],
        metadata in proptest::collection::hash_map(any::<String>(), any::<String>(), 0..3),
    ) {
        for service in services() {
            let file = json!({ "name": name, "size": size, "type": kind, "metadata": metadata });
            let reply = run(post(service, json!({ "files": [file] }).to_string()));
            prop_assert_eq!(reply.status, 200);
            check(&reply.json()["grants"][0])?;
        }
    }

    #[test]
    fn any_bytes_are_answered(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        for path in ["/presignedUrl", "/presignedUrl/parts", "/presignedUrl/resume", "/presignedUrl/complete", "/presignedUrl/abort"] {
            let reply = run(post_to(public(Policy::new()), path, body.clone()));
            prop_assert!(!reply.status.is_server_error());
        }
    }

    #[test]
    fn any_json_is_answered(text in r#"[\[\]{}:,"a-e0-9\\u.-]{0,60}"#) {
        for body in [text.clone(), format!("{{\"files\":{text}}}"), format!("{{\"files\":[{{{text}}}]}}")] {
            let reply = run(post(public(Policy::new()), body));
            prop_assert!(!reply.status.is_server_error());
        }
        for body in [format!("{{\"token\":{text},\"from\":1}}"), format!("{{\"uploads\":[{{\"token\":{text}}}]}}"), format!("{{{text}}}")] {
            for path in ["/presignedUrl/parts", "/presignedUrl/resume", "/presignedUrl/complete", "/presignedUrl/abort"] {
                let reply = run(post_to(public(Policy::new()), path, body.clone()));
                prop_assert!(!reply.status.is_server_error());
            }
        }
    }

    #[test]
    fn any_query_and_headers_are_answered(
        query in "[!-~]{0,80}", named in "[!-~]{0,80}",
        accept in proptest::collection::vec(any::<u8>(), 0..40), kind in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        for service in services() {
            for method in ["GET", "HEAD", "POST", "OPTIONS", "BREW"] {
                for query in [query.clone(), format!("name={named}"), format!("name={named}&size=1&type={query}")] {
                    let Ok(uri) = format!("/presignedUrl?{query}").parse::<Uri>() else { continue };
                    let mut request = Request::new(Body::empty());
                    *request.method_mut() = method.parse().unwrap();
                    *request.uri_mut() = uri;
                    for (header, bytes) in [("accept", &accept), ("content-type", &kind), ("content-length", &kind)] {
                        if let Ok(value) = HeaderValue::from_bytes(bytes) {
                            request.headers_mut().append(header, value);
                        }
                    }
                    let reply = run(send(service.clone(), request));
                    prop_assert!(!reply.status.is_server_error(), "{}", reply.text());
                }
            }
        }
    }
}
