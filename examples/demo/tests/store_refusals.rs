//! The embedded store refuses what AWS refuses, in a form that a page of another origin can read.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test, and its helpers, may stop at the first thing that is not as it should be"
)]

mod common;

use std::time::{Duration, SystemTime};

use common::Demo;
use common::http::{raw, request};
use common::sign::sha256;
use tempfile::TempDir;

#[tokio::test]
async fn amz_headers_that_were_not_signed() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    assert_eq!(bucket.put("other", &[], b"secret").await.status, 200);

    for header in [
        ("x-amz-acl", "public-read"),
        ("X-Amz-Meta-A", "b"),
        ("x-amz-copy-source", "/uploads/other"),
    ] {
        let answer = bucket.put_unsigned("a", &[header], b"1").await;
        assert_eq!(
            answer.refusal(),
            (403, "AccessDenied".to_owned()),
            "{header:?}"
        );
        let message = answer.element("Message").unwrap();
        assert!(
            message.starts_with("There were headers present in the request which were not signed"),
            "{message}"
        );
    }

    // Signed in its headers, it is the same.
    let mut headers = bucket.signer.authorize("PUT", "a", &sha256(b"1"), &[]);
    headers.push(("x-amz-acl".to_owned(), "public-read".to_owned()));
    let headers: Vec<(&str, &str)> = headers.iter().map(|(n, v)| (&**n, &**v)).collect();
    let answer = request(bucket.address, "PUT", "/uploads/a", &headers, b"1").await;
    assert_eq!(answer.refusal(), (403, "AccessDenied".to_owned()));

    assert_eq!(bucket.files(), ["other"]);
    assert_eq!(
        bucket.put("a", &[("x-amz-meta-a", "b")], b"1").await.status,
        200
    );
}

#[tokio::test]
async fn signed_headers_that_are_left_out_or_changed() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    assert_eq!(bucket.put("a", &[], b"before").await.status, 200);
    let signed = [
        ("content-type", "image/png"),
        ("if-none-match", "*"),
        ("x-amz-meta-a", "b"),
    ];
    let target = bucket.signer.presign("PUT", "a", "", 900, &signed);

    for (left_out, _) in signed {
        let headers: Vec<(&str, &str)> = signed
            .into_iter()
            .filter(|(name, _)| *name != left_out)
            .collect();
        let answer = request(bucket.address, "PUT", &target, &headers, b"after").await;
        assert_eq!(
            answer.refusal(),
            (403, "SignatureDoesNotMatch".to_owned()),
            "{left_out}"
        );
    }
    let mut changed = signed;
    changed[2].1 = "c";
    let answer = request(bucket.address, "PUT", &target, &changed, b"after").await;
    assert_eq!(answer.refusal(), (403, "SignatureDoesNotMatch".to_owned()));
    assert_eq!(bucket.get("a").await.text(), "before");
}

#[tokio::test]
async fn a_bucket_that_is_not_there() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let mut bucket = demo.store().await;
    bucket.signer.bucket = "nobodys".to_owned();

    let answer = bucket.put("a", &[], b"1").await;

    assert_eq!(answer.refusal(), (404, "NoSuchBucket".to_owned()));
    assert!(!data.path().join("nobodys").exists());
}

#[tokio::test]
async fn urls_that_live_too_long_or_not_at_all() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let put = async |expires: &str| {
        let target = bucket
            .signer
            .presign_at(SystemTime::now(), "PUT", "a", "", expires, &[]);
        request(bucket.address, "PUT", &target, &[], b"1")
            .await
            .refusal()
    };

    for expires in [
        "691200",
        "604801",
        "0",
        "-1",
        "soon",
        "99999999999999999999",
    ] {
        assert_eq!(
            put(expires).await,
            (400, "AuthorizationQueryParametersError".to_owned()),
            "{expires}"
        );
    }

    assert!(bucket.files().is_empty());
    assert_eq!(put("604800").await.0, 200);
    assert_eq!(put("1").await.0, 200);
}

#[tokio::test]
async fn expired_urls_and_wrong_signatures() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;

    let hour_ago = SystemTime::now() - Duration::from_hours(1);
    let expired = bucket
        .signer
        .presign_at(hour_ago, "PUT", "a", "", "60", &[]);
    let answer = request(bucket.address, "PUT", &expired, &[], b"1").await;
    assert_eq!(answer.refusal(), (403, "AccessDenied".to_owned()));
    let in_an_hour = SystemTime::now() + Duration::from_hours(1);
    let early = bucket
        .signer
        .presign_at(in_an_hour, "PUT", "a", "", "900", &[]);
    let answer = request(bucket.address, "PUT", &early, &[], b"1").await;
    assert_eq!(answer.refusal(), (403, "RequestTimeTooSkewed".to_owned()));

    let target = bucket.signer.presign(
        "PUT",
        "a",
        "",
        900,
        &[("content-length", "1"), ("content-type", "image/png")],
    );
    for (headers, body) in [
        ([("content-type", "image/png")], "12"),
        ([("content-type", "text/html")], "1"),
    ] {
        let answer = request(bucket.address, "PUT", &target, &headers, body.as_bytes()).await;
        assert_eq!(answer.refusal(), (403, "SignatureDoesNotMatch".to_owned()));
    }
    let other_key = target.replace("/uploads/a?", "/uploads/b?");
    let answer = request(
        bucket.address,
        "PUT",
        &other_key,
        &[("content-type", "image/png")],
        b"1",
    )
    .await;
    assert_eq!(answer.refusal(), (403, "SignatureDoesNotMatch".to_owned()));
    assert_eq!(
        request(bucket.address, "PUT", "/uploads/a", &[], b"1")
            .await
            .refusal(),
        (403, "AccessDenied".to_owned())
    );

    assert!(bucket.files().is_empty());
}

#[tokio::test]
async fn keys_that_leave_their_place() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;

    for key in [
        "../x",
        "..",
        ".",
        "a/../../x",
        "a/../x",
        "a/./x",
        "../.presign-demo/credentials",
    ] {
        let answer = bucket.put(key, &[], b"1").await;
        assert_eq!(answer.refusal(), (400, "InvalidURI".to_owned()), "{key}");
        assert_eq!(
            bucket.get(key).await.refusal(),
            (400, "InvalidURI".to_owned()),
            "{key}"
        );
    }

    let plain = bucket.signer.presign("PUT", "../x", "", 900, &[]);
    for dots in ["/%2e%2e/", "/%2E%2E/", "/.%2e/"] {
        let encoded = plain.replace("/../", dots);
        let answer = request(bucket.address, "PUT", &encoded, &[], b"1").await;
        assert_eq!(answer.refusal(), (400, "InvalidURI".to_owned()), "{dots}");
    }
    assert_eq!(
        bucket.put(&"x".repeat(1025), &[], b"1").await.refusal(),
        (400, "KeyTooLongError".to_owned())
    );
    assert_eq!(
        request(
            bucket.address,
            "PUT",
            &bucket.signer.presign("PUT", "", "", 900, &[]),
            &[],
            b""
        )
        .await
        .status,
        409
    );
    assert!(bucket.files().is_empty());
    assert!(!data.path().join("x").exists());
}

#[tokio::test]
async fn what_files_cannot_hold_is_said_in_words() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    assert_eq!(bucket.put("a", &[], b"1").await.status, 200);
    assert_eq!(bucket.put("b/c", &[], b"1").await.status, 200);

    for (key, named) in [("a/x", "`a`"), ("a/x/y", "`a`"), ("b", "`b`")] {
        let answer = bucket.put(key, &[], b"2").await;
        assert_eq!(
            answer.refusal(),
            (400, "InvalidRequest".to_owned()),
            "{key}"
        );
        assert!(
            answer.element("Message").unwrap().contains(named),
            "{}",
            answer.text()
        );
    }
    assert_eq!(bucket.files(), ["a", "b/c"]);
}

#[tokio::test]
async fn an_upload_of_unknown_length() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let target = bucket.signer.presign("PUT", "a", "", 900, &[]);
    let request = format!(
        "PUT {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        bucket.address
    );

    let answer = raw(bucket.address, request.as_bytes(), false).await;

    assert!(answer.starts_with("HTTP/1.1 411 "), "{answer}");
    assert!(
        answer.contains("<Code>MissingContentLength</Code>"),
        "{answer}"
    );
    assert!(bucket.files().is_empty());
}

#[tokio::test]
async fn an_upload_larger_than_one_put_can_be() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let size = (5_u64 << 30) + 1;
    let target = bucket.signer.presign("PUT", "a", "", 900, &[]);
    // `Expect` spares the test the sending.
    let request = format!(
        "PUT {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nexpect: 100-continue\r\ncontent-length: {size}\r\n\r\n",
        bucket.address
    );

    let answer = raw(bucket.address, request.as_bytes(), false).await;

    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    assert!(answer.contains("<Code>EntityTooLarge</Code>"), "{answer}");
    assert!(bucket.files().is_empty());
}

#[tokio::test]
async fn a_page_of_another_origin_may_ask_and_read() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let origin = ("origin", "http://page.example");

    let preflight = [
        origin,
        ("access-control-request-method", "PUT"),
        (
            "access-control-request-headers",
            "content-type,if-none-match,x-amz-meta-a",
        ),
    ];
    let answer = request(
        bucket.address,
        "OPTIONS",
        "/uploads/a?X-Amz-Signature=1",
        &preflight,
        b"",
    )
    .await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
    assert!(
        answer
            .header("access-control-allow-methods")
            .unwrap()
            .contains("PUT")
    );
    assert_eq!(
        answer.header("access-control-allow-headers"),
        Some("content-type,if-none-match,x-amz-meta-a")
    );
    assert_eq!(answer.header("access-control-max-age"), Some("600"));

    let target = bucket
        .signer
        .presign("PUT", "a", "", 900, &[("if-none-match", "*")]);
    let headers = [origin, ("if-none-match", "*")];
    let (start, end) = target.split_at(target.len() - 1);
    let forged = format!("{start}{}", if end == "0" { "1" } else { "0" });
    let stored = request(bucket.address, "PUT", &target, &headers, b"1").await;
    let taken = request(bucket.address, "PUT", &target, &headers, b"1").await;
    let forged = request(bucket.address, "PUT", &forged, &headers, b"1").await;
    let unsigned = request(
        bucket.address,
        "PUT",
        &target,
        &[origin, ("if-none-match", "*"), ("x-amz-acl", "private")],
        b"1",
    )
    .await;

    let statuses = [&stored, &taken, &forged, &unsigned].map(|answer| answer.status);
    assert_eq!(statuses, [200, 412, 403, 403]);
    let mut ids = std::collections::HashSet::new();
    for answer in [&stored, &taken, &forged, &unsigned] {
        assert_eq!(answer.header("access-control-allow-origin"), Some("*"));
        assert_eq!(
            answer.header("access-control-expose-headers"),
            Some("etag,x-amz-request-id")
        );
        let id = answer.header("x-amz-request-id").unwrap();
        assert!(ids.insert(id));
        if answer.status != 200 {
            assert_eq!(answer.header("content-type"), Some("application/xml"));
            assert_eq!(
                answer.element("RequestId").as_deref(),
                Some(id),
                "{}",
                answer.text()
            );
        }
    }
}

#[tokio::test]
async fn a_refusal_reaches_who_is_still_sending() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    // More than the sockets' buffers take.
    let size = 64 * 1024 * 1024;
    for (headers, code) in [
        ("", "SignatureDoesNotMatch"),
        ("x-amz-acl: private\r\n", "AccessDenied"),
    ] {
        let target = bucket
            .signer
            .presign("PUT", "a", "", 900, &[("content-length", "1")]);
        let head = format!(
            "PUT {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{headers}content-length: {size}\r\n\r\n",
            bucket.address
        );
        let answer = raw(
            bucket.address,
            &[head.as_bytes(), &vec![0; size]].concat(),
            false,
        )
        .await;
        assert!(answer.contains(&format!("<Code>{code}</Code>")), "{answer}");
    }
    assert!(bucket.files().is_empty());
}
