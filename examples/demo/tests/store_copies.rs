//! The embedded store copies and deletes objects, whole and by parts, for whoever signs for it and nobody else.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test, and its helpers, may stop at the first thing that is not as it should be"
)]

mod common;

use common::http::{Answer, request};
use common::{Bucket, Demo};
use futures_util::future::join_all;
use s3s::crypto::{Checksum as _, Md5};
use tempfile::TempDir;

const MIB: usize = 1024 * 1024;

fn bytes(size: usize) -> Vec<u8> {
    (0_u32..).flat_map(u32::to_le_bytes).take(size).collect()
}

fn quoted_md5(bytes: &[u8]) -> String {
    let digest = Md5::checksum(bytes);
    let hex: Vec<String> = digest.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{}\"", hex.concat())
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// Copies with every header signed.
async fn copy(bucket: &Bucket, source: &str, to: &str, more: &[(&str, &str)]) -> Answer {
    let headers = [&[("x-amz-copy-source", source)], more].concat();
    bucket.call("PUT", to, "", &headers, b"").await
}

async fn delete(bucket: &Bucket, key: &str) -> u16 {
    bucket.call("DELETE", key, "", &[], b"").await.status
}

#[tokio::test]
async fn a_copy_has_all_that_its_source_has() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let body = bytes(100_000);
    let stored = [
        ("cache-control", "no-cache"),
        ("content-disposition", "attachment; filename=\"a\""),
        ("content-type", "image/png"),
        ("x-amz-meta-presign-upload", "mine"),
    ];
    let put = bucket.put("pending/ä +&.bin", &stored, &body).await;
    let etag = put.header("etag").unwrap();

    let source = "uploads/pending/%C3%A4%20%2B%26.bin";
    let more = [
        ("x-amz-copy-source-if-match", etag),
        ("x-amz-metadata-directive", "COPY"),
        ("if-none-match", "*"),
    ];
    let copied = copy(&bucket, source, "final/ä.bin", &more).await;

    assert_eq!(copied.status, 200, "{}", copied.text());
    let copied_etag = copied.element("ETag").unwrap().replace("&quot;", "\"");
    assert_eq!((&*copied_etag, etag), (etag, &*quoted_md5(&body)));
    for key in ["pending/ä +&.bin", "final/ä.bin"] {
        let there = bucket.get(key).await;
        assert_eq!(there.body, body);
        assert_eq!(there.header("etag"), Some(etag));
        for (name, value) in stored {
            assert_eq!(there.header(name), Some(value), "{key}");
        }
    }
    // Neither is the other.
    assert_eq!(delete(&bucket, "pending/ä +&.bin").await, 204);
    assert_eq!(bucket.get("pending/ä +&.bin").await.status, 404);
    assert_eq!(bucket.get("final/ä.bin").await.body, body);
}

#[tokio::test]
async fn a_copy_keeps_its_checksum_and_one_of_parts_is_not_one_of_parts_any_more() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let body = bytes(5 * MIB + 9);
    // CRC-32 of nothing.
    let sum = [
        ("content-length", "0"),
        ("x-amz-checksum-crc32", "AAAAAA=="),
    ];
    assert_eq!(bucket.put("empty", &sum, b"").await.status, 200);
    let id = bucket.begin("parts", &[("content-type", "a/b")]).await;
    let mut parts = vec![bucket.store_part("parts", &id, 1, &body[..5 * MIB]).await];
    parts.push(bucket.store_part("parts", &id, 2, &body[5 * MIB..]).await);
    assert_eq!(bucket.complete("parts", &id, &parts, &[]).await.status, 200);

    assert_eq!(copy(&bucket, "uploads/empty", "a", &[]).await.status, 200);
    assert_eq!(copy(&bucket, "/uploads/parts", "b", &[]).await.status, 200);

    let mode = [("x-amz-checksum-mode", "ENABLED")];
    let empty = bucket.call("HEAD", "a", "", &mode, b"").await;
    assert_eq!(empty.header("x-amz-checksum-crc32"), Some("AAAAAA=="));
    assert_eq!(empty.header("content-length"), Some("0"));
    let whole = bucket.get("b").await;
    assert_eq!(whole.body, body);
    assert_eq!(whole.header("content-type"), Some("a/b"));
    assert_eq!(whole.header("etag"), Some(&*quoted_md5(&body)));
}

#[tokio::test]
async fn a_copy_that_must_not_be_is_not() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let etag = bucket.put("a", &[], b"one").await;
    let etag = etag.header("etag").unwrap();
    assert_eq!(bucket.put("taken", &[], b"two").await.status, 200);

    for (source, to, more, expected) in [
        (
            "uploads/a",
            "taken",
            vec![("if-none-match", "*")],
            refused(412, "PreconditionFailed"),
        ),
        (
            "uploads/a",
            "b",
            vec![("x-amz-copy-source-if-match", "\"0123\"")],
            refused(412, "PreconditionFailed"),
        ),
        ("uploads/no", "b", vec![], refused(404, "NoSuchKey")),
        ("uploads/a/b", "b", vec![], refused(404, "NoSuchKey")),
        ("nobodys/a", "b", vec![], refused(404, "NoSuchBucket")),
        ("uploads/a", "a", vec![], refused(400, "InvalidRequest")),
        ("uploads/a", "a/b", vec![], refused(400, "InvalidRequest")),
        ("uploads/../a", "b", vec![], refused(400, "InvalidURI")),
        ("uploads", "b", vec![], refused(400, "InvalidArgument")),
        (
            "uploads/a?versionId=1",
            "b",
            vec![],
            refused(501, "NotImplemented"),
        ),
        (
            "uploads/a",
            "b",
            vec![("if-none-match", "\"0123\"")],
            refused(501, "NotImplemented"),
        ),
        (
            "uploads/a",
            "b",
            vec![("x-amz-metadata-directive", "REPLACE")],
            refused(501, "NotImplemented"),
        ),
    ] {
        let answer = copy(&bucket, source, to, &more).await;
        assert_eq!(answer.refusal(), expected, "{source} {to} {more:?}");
    }

    assert_eq!(bucket.files(), ["a", "taken"]);
    assert_eq!(bucket.get("taken").await.text(), "two");
    assert_eq!(bucket.get("a").await.header("etag"), Some(etag));
    assert_eq!(bucket.left(), (0, 0));
}

#[tokio::test]
async fn what_is_to_be_copied_has_to_be_signed() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    assert_eq!(bucket.put("secret", &[], b"secret").await.status, 200);
    let id = bucket.begin("b", &[]).await;
    let source = [("x-amz-copy-source", "uploads/secret")];

    let whole = bucket.put_unsigned("b", &source, b"").await;
    let part = bucket.part_with("b", &id, 1, &source, b"").await;
    // Signed for one object, it is not for another.
    let signed = [("x-amz-copy-source", "uploads/mine")];
    let target = bucket.signer.presign("PUT", "b", "", 900, &signed);
    let other = request(bucket.address, "PUT", &target, &source, b"").await;

    assert_eq!(whole.refusal(), refused(403, "AccessDenied"));
    assert_eq!(part.refusal(), refused(403, "AccessDenied"));
    assert_eq!(other.refusal(), refused(403, "SignatureDoesNotMatch"));
    assert_eq!(bucket.files(), ["secret"]);
    assert!(bucket.parts("b", &id).await.is_empty());
    let unsigned = bucket.signer.presign("GET", "secret", "", 900, &[]);
    assert_eq!(
        request(bucket.address, "DELETE", &unsigned, &[], b"")
            .await
            .status,
        403
    );
    assert_eq!(bucket.get("secret").await.text(), "secret");
}

#[tokio::test]
async fn of_twelve_copies_at_once_one_wins() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    for number in 0..12 {
        let key = format!("from/{number}");
        let body = number.to_string().repeat(100_000);
        assert_eq!(bucket.put(&key, &[], body.as_bytes()).await.status, 200);
    }
    let copying = (0..12).map(|number| {
        let bucket = &bucket;
        async move {
            let source = format!("uploads/from/{number}");
            copy(bucket, &source, "one", &[("if-none-match", "*")]).await
        }
    });

    let answers = join_all(copying).await;

    let won: Vec<usize> = (0..12).filter(|&n| answers[n].status == 200).collect();
    let [winner] = &won[..] else {
        panic!("{won:?}")
    };
    let lost = refused(412, "PreconditionFailed");
    assert_eq!(answers.iter().filter(|it| it.refusal() == lost).count(), 11);
    let there = bucket.get("one").await;
    assert_eq!(there.text(), winner.to_string().repeat(100_000));
    assert_eq!(there.header("etag"), Some(&*quoted_md5(&there.body)));
}

#[tokio::test]
async fn an_object_is_copied_by_parts() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let body = bytes(12 * MIB + 1);
    let put = bucket.put("from", &[], &body).await;
    let etag = put.header("etag").unwrap();
    let id = bucket.begin("to", &[("x-amz-meta-a", "b")]).await;
    let part = async |number: u32, range: &str, etag: &str| {
        let query = format!("partNumber={number}&uploadId={id}");
        let headers = [
            ("x-amz-copy-source", "uploads/from"),
            ("x-amz-copy-source-if-match", etag),
            ("x-amz-copy-source-range", range),
        ];
        let headers = &headers[..if range.is_empty() { 2 } else { 3 }];
        bucket.call("PUT", "to", &query, headers, b"").await
    };

    let mut parts = Vec::new();
    for (number, (first, end)) in (1..).zip([(0, 5), (5, 10), (10, 13)]) {
        let (first, end) = (first * MIB, (end * MIB).min(body.len()));
        let range = format!("bytes={first}-{}", end - 1);
        let answer = part(number, &range, etag).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let copied = answer.element("ETag").unwrap().replace("&quot;", "\"");
        assert_eq!(copied, quoted_md5(&body[first..end]));
        parts.push((number, copied));
    }
    for (range, etag, expected) in [
        ("bytes=0-9", "\"0123\"", refused(412, "PreconditionFailed")),
        ("bytes=0-99999999", etag, refused(400, "InvalidArgument")),
        ("bytes=9-0", etag, refused(400, "InvalidArgument")),
    ] {
        assert_eq!(part(3, range, etag).await.refusal(), expected, "{range}");
    }
    let completed = bucket.complete("to", &id, &parts, &[]).await;

    assert_eq!(completed.status, 200, "{}", completed.text());
    let there = bucket.get("to").await;
    assert_eq!(there.body, body);
    assert_eq!(there.header("x-amz-meta-a"), Some("b"));
    assert_eq!(
        part(1, "", etag).await.refusal(),
        refused(404, "NoSuchUpload")
    );
    assert_eq!(bucket.left(), (0, 0));
}

#[tokio::test]
async fn nothing_stays_of_what_is_deleted() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let before = std::fs::read_dir(data.path()).unwrap().count();
    let meta = [("x-amz-meta-a", "b")];
    assert_eq!(bucket.put("a", &meta, b"1").await.status, 200);

    assert_eq!(delete(&bucket, "a").await, 204);
    assert_eq!(delete(&bucket, "a").await, 204);

    assert_eq!(bucket.get("a").await.status, 404);
    assert_eq!(std::fs::read_dir(data.path()).unwrap().count(), before);
    // And nothing of it comes back with the next one.
    assert_eq!(bucket.put("a", &[], b"2").await.status, 200);
    assert_eq!(bucket.get("a").await.header("x-amz-meta-a"), None);
}
