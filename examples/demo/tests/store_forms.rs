//! The embedded store takes forms that are held to a signed policy, and no others.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test, and its helpers, may stop at the first thing that is not as it should be"
)]

mod common;

use std::time::{Duration, SystemTime};

use common::http::{raw, request};
use common::{Bucket, Demo, form};
use serde_json::json;
use tempfile::TempDir;

fn soon() -> SystemTime {
    SystemTime::now() + Duration::from_mins(5)
}

/// A form for exactly `size` bytes with these fields.
fn signed(
    bucket: &Bucket,
    key: &str,
    size: usize,
    fields: &[(&str, &str)],
) -> Vec<(String, String)> {
    let length = json!(["content-length-range", size, size]);
    bucket.signer.form(key, soon(), fields, &[length])
}

fn with(mut form: Vec<(String, String)>, name: &str, value: &str) -> Vec<(String, String)> {
    form.retain(|(found, _)| found != name);
    form.push((name.to_owned(), value.to_owned()));
    form
}

#[tokio::test]
async fn a_form_is_stored_as_its_fields_say() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let fields = [
        ("Content-Type", "image/png"),
        ("Cache-Control", "no-store"),
        ("Content-Disposition", "attachment"),
        ("x-amz-meta-a", "b"),
        ("success_action_status", "201"),
    ];
    let answer = bucket
        .post_with(
            &signed(&bucket, "a/b.png", 5, &fields),
            &[("origin", "https://a.page")],
            b"bytes",
        )
        .await;

    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.element("Key").unwrap(), "a/b.png");
    assert_eq!(answer.header("location"), Some("/uploads/a/b.png"));
    let md5 = "\"4b3a6218bb3e3a7303e8a171a60fcf92\"";
    assert_eq!(answer.header("etag"), Some(md5));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert!(
        answer
            .header("access-control-expose-headers")
            .unwrap()
            .contains("etag")
    );
    let stored = bucket.get("a/b.png").await;
    assert_eq!(
        (stored.text(), stored.header("etag")),
        ("bytes".into(), Some(md5))
    );
    for (name, value) in [
        ("content-type", "image/png"),
        ("cache-control", "no-store"),
        ("content-disposition", "attachment"),
        ("x-amz-meta-a", "b"),
    ] {
        assert_eq!(stored.header(name), Some(value));
    }

    // Without a file's bytes, and with any bytes, a boundary's beginning too.
    let awkward = b"\r\n------a-boundary-that-no-file-ha\r\n--\0\xff\r";
    for file in [&b""[..], awkward] {
        let answer = bucket
            .post(&signed(&bucket, "c", file.len(), &[]), file)
            .await;
        assert_eq!(answer.status, 204, "{}", answer.text());
        assert_eq!(bucket.get("c").await.body, file);
    }
}

#[tokio::test]
async fn a_file_of_another_length_is_refused() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    for (file, code) in [
        (&b"longer"[..], "EntityTooLarge"),
        (b"less", "EntityTooSmall"),
    ] {
        let answer = bucket.post(&signed(&bucket, "a", 5, &[]), file).await;
        assert_eq!(answer.refusal(), (400, code.to_owned()));
    }
    // Beyond what the store has in memory, whatever was signed.
    let large = vec![0; (64 << 20) + 1];
    let answer = bucket
        .post(&signed(&bucket, "a", large.len(), &[]), &large)
        .await;
    assert_eq!(answer.refusal(), (400, "EntityTooLarge".to_owned()));
    assert_eq!((bucket.files().len(), bucket.unfinished()), (0, 0));
}

#[tokio::test]
async fn a_form_that_is_not_what_was_signed_is_refused() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let fields = [("Content-Type", "image/png"), ("x-amz-meta-a", "b")];
    let good = signed(&bucket, "a", 1, &fields);

    let without = |name: &str| {
        let mut form = good.clone();
        form.retain(|(found, _)| found != name);
        form
    };
    let denied = |code: &str| (403, code.to_owned());
    let wrong = |code: &str| (400, code.to_owned());
    for (form, refusal) in [
        // Another value.
        (
            with(good.clone(), "key", "b"),
            wrong("InvalidPolicyDocument"),
        ),
        (
            with(good.clone(), "Content-Type", "text/html"),
            wrong("InvalidPolicyDocument"),
        ),
        (
            with(good.clone(), "x-amz-meta-a", "c"),
            wrong("InvalidPolicyDocument"),
        ),
        (
            with(good.clone(), "bucket", "other"),
            wrong("InvalidPolicyDocument"),
        ),
        // A field that nobody signed.
        (
            with(good.clone(), "x-amz-acl", "public-read"),
            denied("AccessDenied"),
        ),
        (
            with(good.clone(), "acl", "public-read"),
            denied("AccessDenied"),
        ),
        (
            with(good.clone(), "x-amz-meta-b", "c"),
            denied("AccessDenied"),
        ),
        (
            with(good.clone(), "x-amz-copy-source", "/uploads/other"),
            denied("AccessDenied"),
        ),
        (
            with(good.clone(), "success_action_redirect", "https://evil.test"),
            denied("AccessDenied"),
        ),
        (
            with(good.clone(), "Cache-Control", "no-store"),
            denied("AccessDenied"),
        ),
        (
            with(good.clone(), "x-amz-server-side-encryption", "AES256"),
            (501, "NotImplemented".to_owned()),
        ),
        // A field less.
        (without("Content-Type"), wrong("InvalidPolicyDocument")),
        (without("x-amz-meta-a"), wrong("InvalidPolicyDocument")),
        (without("policy"), wrong("InvalidRequest")),
        (without("x-amz-signature"), denied("AccessDenied")),
        // Signed by somebody else, or for something else.
        (
            with(good.clone(), "x-amz-signature", &"0".repeat(64)),
            denied("SignatureDoesNotMatch"),
        ),
        (
            with(
                good.clone(),
                "policy",
                &signed(&bucket, "b", 1, &fields)[6].1,
            ),
            denied("SignatureDoesNotMatch"),
        ),
    ] {
        let answer = bucket.post(&form, b"1").await;
        assert_eq!(answer.refusal(), refusal, "{form:?}: {}", answer.text());
        assert_eq!(bucket.files().len(), 0, "{form:?}");
    }
    for headers in [
        [("x-amz-acl", "public-read")],
        [("x-amz-copy-source", "/uploads/other")],
        [("x-amz-meta-b", "c")],
    ] {
        let answer = bucket.post_with(&good, &headers, b"1").await;
        assert_eq!(answer.refusal(), denied("AccessDenied"), "{headers:?}");
    }
    assert_eq!(bucket.files().len(), 0);
    assert_eq!(bucket.post(&good, b"1").await.status, 204);
}

#[tokio::test]
async fn a_form_whose_time_is_over_is_refused() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let over = SystemTime::now() - Duration::from_secs(1);
    let form = bucket.signer.form("a", over, &[], &[]);
    let answer = bucket.post(&form, b"1").await;
    assert_eq!(answer.refusal(), (403, "AccessDenied".to_owned()));
    assert!(answer.text().contains("expired"), "{}", answer.text());
    assert_eq!(bucket.files().len(), 0);
}

#[tokio::test]
async fn half_a_form_is_no_object() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let file = vec![7; 100_000];
    let body = form::body(&signed(&bucket, "a", file.len(), &[]), &file);
    let head = format!(
        "POST /uploads HTTP/1.1\r\nhost: {}\r\ncontent-type: {}\r\ncontent-length: {}\r\n\r\n",
        bucket.address,
        form::content_type(),
        body.len()
    );
    let half = [head.as_bytes(), &body[..body.len() / 2]].concat();
    raw(bucket.address, &half, true).await;
    // The next request is answered after the one before is done with.
    assert_eq!(bucket.get("a").await.status, 404);
    assert_eq!((bucket.files().len(), bucket.unfinished()), (0, 0));
}

#[tokio::test]
async fn the_demo_grants_small_files_as_forms() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &["--post-below", "1000"]);
    let bucket = demo.store().await;
    let limits = request(demo.page, "GET", "/presignedUrl/limits", &[], b"").await;
    assert_eq!(limits.json()["postBelow"], 1000);

    let files = br#"{"files":[{"name":"\u00e9 x \"a\".txt","size":5,"type":"text/plain"},{"name":"b","size":1000,"type":""},{"name":"$x","size":5,"type":""}]}"#;
    let headers = [("content-type", "application/json")];
    let answer = request(demo.page, "POST", "/presignedUrl", &headers, files).await;
    let answer = answer.json();
    let grant = &answer["grants"][0];
    assert_eq!(grant["method"], "post");
    assert_eq!(answer["grants"][1]["method"], "put");
    // Stores do not agree on how a policy has a `$`, so it is in none.
    assert_eq!(answer["grants"][2]["method"], "put");
    assert_eq!(grant["url"], format!("http://{}/uploads", bucket.address));
    let fields = grant["fields"].as_object().unwrap();
    let fields: Vec<(String, String)> = fields
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
        .collect();
    let stored = bucket.post(&fields, b"bytes").await;
    assert_eq!(stored.status, 201, "{}", stored.text());
    let key = grant["key"].as_str().unwrap();
    let stored = std::fs::read(bucket.folder.join(key)).unwrap();
    assert_eq!(stored, b"bytes");
    let log = demo.log();
    let (_, signature) = fields
        .iter()
        .find(|(name, _)| name == "x-amz-signature")
        .unwrap();
    assert!(log.contains("stored") && !log.contains(signature));
}
