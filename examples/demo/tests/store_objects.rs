//! The embedded store keeps what it was sent, under every key that S3 takes.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test, and its helpers, may stop at the first thing that is not as it should be"
)]

mod common;

use std::path::Path;

use common::Demo;
use common::http::raw;
use common::sign::sha256;
use futures_util::future::join_all;
use tempfile::TempDir;

#[tokio::test]
async fn objects_are_ordinary_files() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let bytes: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();

    let answer = bucket
        .put(
            "a/b.bin",
            &[("content-type", "image/png"), ("x-amz-meta-album", "x")],
            &bytes,
        )
        .await;

    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.header("etag"),
        Some("\"759b667ca712df5f43993b6618607e3b\"")
    );
    assert_eq!(std::fs::read(bucket.folder.join("a/b.bin")).unwrap(), bytes);
    let stored = bucket.get("a/b.bin").await;
    assert_eq!(stored.body, bytes);
    assert_eq!(stored.header("content-type"), Some("image/png"));
    assert_eq!(stored.header("x-amz-meta-album"), Some("x"));
}

#[tokio::test]
async fn an_empty_object_is_an_object() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;

    assert_eq!(
        bucket
            .put("empty", &[("content-length", "0")], b"")
            .await
            .status,
        200
    );

    assert_eq!(std::fs::read(bucket.folder.join("empty")).unwrap(), b"");
}

#[tokio::test]
async fn every_key_that_s3_takes_has_its_own_object() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let keys = [
        "日本 50%&+#'\"\\?.png".to_owned(),
        "e\u{301}".to_owned(),
        "\u{e9}".to_owned(),
        "..a/b../...".to_owned(),
        "d/a".to_owned(),
        "d//a".to_owned(),
        "/d/a".to_owned(),
        "d/a/".to_owned(),
        "line\nbreak".to_owned(),
        "x".repeat(255),
        "x".repeat(1023),
        "x".repeat(1024),
        format!("{}/{}.jpg", "y".repeat(300), "日".repeat(200)),
    ];

    for key in &keys {
        let answer = bucket.put(key, &[], key.as_bytes()).await;
        assert_eq!(answer.status, 200, "{key}: {}", answer.text());
    }

    let listing = bucket.list().await;
    for key in &keys {
        assert_eq!(bucket.get(key).await.body, key.as_bytes(), "{key}");
        let escaped = key
            .replace('&', "&amp;")
            .replace('"', "&quot;")
            .replace('\'', "&apos;")
            .replace('\n', "&#xA;");
        let listed = listing.contains(&format!("<Key>{escaped}</Key>"))
            || listing.contains(&format!("<Key>{key}</Key>"));
        assert!(listed, "{key} is not in {listing}");
    }
    assert_eq!(bucket.files().len(), keys.len());
    assert!(bucket.folder.join("日本 50%&+#'\"\\?.png").is_file());
    assert!(bucket.files().iter().any(
        |file| file.starts_with("yyyy") && Path::new(file).extension() == Some("jpg".as_ref())
    ));
}

#[tokio::test]
async fn an_object_can_be_removed_and_written_again() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let long = "k".repeat(500);
    for key in ["a", &long] {
        assert_eq!(bucket.put(key, &[], b"1").await.status, 200);
        let target = bucket.signer.presign("DELETE", key, "", 900, &[]);
        assert_eq!(
            common::http::request(bucket.address, "DELETE", &target, &[], b"")
                .await
                .status,
            204
        );
        assert_eq!(
            bucket.get(key).await.refusal(),
            (404, "NoSuchKey".to_owned())
        );
        assert_eq!(
            bucket
                .put(key, &[("if-none-match", "*")], b"2")
                .await
                .status,
            200
        );
        assert_eq!(bucket.get(key).await.text(), "2");
    }
}

#[tokio::test]
async fn of_twelve_uploads_at_once_that_must_not_overwrite_one_wins() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    for round in 0..5 {
        let key = format!("round {round}");
        let bodies: Vec<Vec<u8>> = (0..12_u8).map(|number| vec![number; 300_000]).collect();

        let answers = join_all(
            bodies
                .iter()
                .map(|body| bucket.put(&key, &[("if-none-match", "*")], body)),
        )
        .await;

        let winners: Vec<usize> = (0..12).filter(|&at| answers[at].status == 200).collect();
        assert_eq!(winners.len(), 1, "{answers:?}");
        for (at, answer) in answers.iter().enumerate() {
            if at != winners[0] {
                assert_eq!(answer.refusal(), (412, "PreconditionFailed".to_owned()));
            }
        }
        assert_eq!(bucket.get(&key).await.body, bodies[winners[0]]);
    }
    assert_eq!(bucket.unfinished(), 0);
}

#[tokio::test]
async fn without_a_condition_the_last_upload_stays() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    assert_eq!(bucket.put("a", &[], b"1").await.status, 200);
    assert_eq!(bucket.put("a", &[], b"2").await.status, 200);
    assert_eq!(bucket.get("a").await.text(), "2");
}

#[tokio::test]
async fn bytes_that_are_not_the_declared_ones_change_nothing() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    assert_eq!(bucket.put("there", &[], b"before").await.status, 200);
    // Of `hello`, and of nothing else.
    let sums = [
        ("content-md5", "XUFAKrxLKna5cZ2REBfFkg=="),
        ("x-amz-checksum-crc32", "NhCmhg=="),
        ("x-amz-checksum-crc32c", "mnG7TA=="),
        ("x-amz-checksum-crc64nvme", "M3eFcAZSQlc="),
        ("x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00="),
        (
            "x-amz-checksum-sha256",
            "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
        ),
    ];

    for (name, value) in sums {
        for key in ["there", "not there"] {
            let answer = bucket.put(key, &[(name, value)], b"hellO").await;
            assert_eq!(answer.refusal(), (400, "BadDigest".to_owned()), "{name}");
        }
        assert_eq!(bucket.get("there").await.text(), "before", "{name}");
        let answer = bucket.put(name, &[(name, value)], b"hello").await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
    }

    let invalid = bucket
        .put("there", &[("content-md5", "no")], b"hello")
        .await;
    assert_eq!(invalid.refusal(), (400, "InvalidDigest".to_owned()));
    assert!(!bucket.files().contains(&"not there".to_owned()));
    assert_eq!(bucket.unfinished(), 0);
}

#[tokio::test]
async fn a_sum_in_a_signature_or_after_the_body_counts_too() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    assert_eq!(bucket.put("there", &[], b"before").await.status, 200);
    let hello = sha256(b"hello");
    let digest = [("x-amz-content-sha256", &*hello)];
    let trailer = "STREAMING-UNSIGNED-PAYLOAD-TRAILER";
    let chunked = [
        ("content-encoding", "aws-chunked"),
        ("x-amz-decoded-content-length", "5"),
        ("x-amz-trailer", "x-amz-checksum-crc32"),
    ];
    let chunks = |text: &str| format!("5\r\n{text}\r\n0\r\nx-amz-checksum-crc32:NhCmhg==\r\n\r\n");

    let mismatch = (400, "XAmzContentSHA256Mismatch".to_owned());
    for key in ["there", "not there"] {
        let presigned = bucket.put(key, &digest, b"hellO").await;
        assert_eq!(presigned.refusal(), mismatch, "{key}");
    }
    let authorized = bucket.put_authorized("there", &hello, &[], b"hellO").await;
    assert_eq!(authorized.refusal(), mismatch);
    let body = chunks("hellO");
    let after_the_body = bucket
        .put_authorized("there", trailer, &chunked, body.as_bytes())
        .await;
    assert_eq!(after_the_body.refusal(), (400, "BadDigest".to_owned()));

    assert_eq!(bucket.get("there").await.text(), "before");
    assert_eq!(bucket.files(), ["there"]);
    assert_eq!(bucket.unfinished(), 0);

    let body = chunks("hello");
    for answer in [
        bucket.put("presigned", &digest, b"hello").await,
        bucket
            .put_authorized("authorized", &hello, &[], b"hello")
            .await,
        bucket
            .put_authorized("trailed", trailer, &chunked, body.as_bytes())
            .await,
    ] {
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    for key in ["presigned", "authorized", "trailed"] {
        assert_eq!(bucket.get(key).await.text(), "hello", "{key}");
    }
}

#[tokio::test]
async fn a_body_cut_short_changes_nothing() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    assert_eq!(bucket.put("there", &[], b"before").await.status, 200);

    for key in ["there", "not there"] {
        let target = bucket
            .signer
            .presign("PUT", key, "", 900, &[("content-length", "1000000")]);
        let head = format!(
            "PUT {target} HTTP/1.1\r\nhost: {}\r\ncontent-length: 1000000\r\n\r\n",
            bucket.address
        );
        raw(
            bucket.address,
            &[head.as_bytes(), &vec![0; 500_000]].concat(),
            true,
        )
        .await;
    }

    assert_eq!(bucket.get("there").await.text(), "before");
    assert_eq!(bucket.files(), ["there"]);
    assert_eq!(bucket.unfinished(), 0);
}

/// The store's memory must not grow with the object.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_large_object_is_streamed() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    const MIB: usize = 1024 * 1024;
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    assert_eq!(bucket.put("small", &[], b"1").await.status, 200);
    let before = demo.peak_memory();

    let size = (300 * MIB).to_string();
    let target = bucket
        .signer
        .presign("PUT", "large", "", 900, &[("content-length", &size)]);
    let mut stream = tokio::net::TcpStream::connect(bucket.address)
        .await
        .unwrap();
    let host = bucket.address;
    let head = format!(
        "PUT {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {size}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..300 {
        stream.write_all(&vec![7; MIB]).await.unwrap();
    }
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();

    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert_eq!(
        std::fs::metadata(bucket.folder.join("large"))
            .unwrap()
            .len(),
        300 * MIB as u64
    );
    let grown = demo.peak_memory() - before;
    assert!(grown < 30 * MIB, "grew by {grown} bytes");
}
