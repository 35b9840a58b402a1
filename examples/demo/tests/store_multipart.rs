//! The embedded store takes objects in parts as AWS does.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test, and its helpers, may stop at the first thing that is not as it should be"
)]

mod common;

use std::fs;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use common::http::{raw, request};
use common::multipart::{Listed, elements, listed};
use common::{Bucket, Demo};
use futures_util::future::{join, join_all};
use s3s::crypto::{Checksum, Crc32, Crc32c, Crc64Nvme, Md5, Sha256};
use tempfile::TempDir;

const MIB: usize = 1024 * 1024;

/// The least that a part has that is not the last.
const PART: usize = 5 * MIB;

/// Bytes that are the same each time and nowhere repeat themselves.
fn bytes(seed: u64, size: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    let mut bytes: Vec<u8> = (0..size.div_ceil(8)).flat_map(|_| next()).collect();
    bytes.truncate(size);
    bytes
}

fn sum<C: Checksum>(bytes: &[u8]) -> String {
    STANDARD.encode(C::checksum(bytes))
}

/// As S3 has it for an object in parts.
fn etag(parts: &[&[u8]]) -> String {
    let sums: Vec<u8> = parts.iter().flat_map(|part| Md5::checksum(part)).collect();
    format!("\"{}-{}\"", hex(&Md5::checksum(&sums)), parts.len())
}

fn quoted_md5(bytes: &[u8]) -> String {
    format!("\"{}\"", hex(&Md5::checksum(bytes)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |digits, byte| {
        digits + &format!("{byte:02x}")
    })
}

/// An upload with these parts in it, from number 1.
async fn upload(bucket: &Bucket, key: &str, parts: &[&[u8]]) -> (String, Vec<(u32, String)>) {
    let id = bucket.begin(key, &[]).await;
    let mut list = Vec::new();
    for (number, part) in (1..).zip(parts) {
        list.push(bucket.store_part(key, &id, number, part).await);
    }
    (id, list)
}

fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

/// What the presigning server and its client do, from end to end.
#[tokio::test]
async fn a_large_object_arrives_in_parts() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let key = "a/large one.bin";
    let whole = bytes(1, 100 * MIB + 12_345);
    let parts: Vec<&[u8]> = whole.chunks(24 * MIB).collect();
    #[cfg(target_os = "linux")]
    let before = demo.peak_memory();
    let headers = [
        ("content-type", "video/mp4"),
        ("cache-control", "max-age=60"),
        ("content-disposition", "attachment; filename=\"a.mp4\""),
        ("x-amz-meta-album", "x"),
    ];
    let created = bucket.create(key, &headers).await;
    assert_eq!(created.element("Bucket").as_deref(), Some("uploads"));
    assert_eq!(created.element("Key").as_deref(), Some(key));
    let id = created.element("UploadId").unwrap();

    let sent = parts.iter().enumerate().rev().map(async |(at, part)| {
        let number = u32::try_from(at).unwrap() + 1;
        let md5 = sum::<Md5>(part);
        let headers = [("content-md5", &*md5)];
        let answer = bucket.part_with(key, &id, number, &headers, part).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("etag"), Some(&*quoted_md5(part)));
    });
    join_all(sent).await;
    assert_eq!(bucket.get(key).await.refusal(), refused(404, "NoSuchKey"));
    let there = bucket.parts(key, &id).await;
    let list: Vec<(u32, String)> = there
        .iter()
        .map(|part| (part.number, part.etag.clone()))
        .collect();
    let completed = bucket
        .complete(key, &id, &list, &[("if-none-match", "*")])
        .await;

    assert_eq!(completed.status, 200, "{}", completed.text());
    let expected = etag(&parts);
    let answered = completed.element("ETag").unwrap().replace("&quot;", "\"");
    assert_eq!(answered, expected);
    assert_eq!(completed.element("Key").as_deref(), Some(key));
    let path = bucket.folder.join(key);
    assert!(fs::read(path).unwrap() == whole, "the file is another");
    let stored = bucket.get(key).await;
    assert!(stored.body == whole, "the object is another");
    let head = bucket.head(key).await;
    for answer in [&stored, &head] {
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("etag"), Some(&*expected));
        let length = whole.len().to_string();
        assert_eq!(answer.header("content-length"), Some(&*length));
        for (name, value) in headers {
            assert_eq!(answer.header(name), Some(value), "{name}");
        }
    }
    let listing = bucket.list().await.replace("&quot;", "\"");
    assert_eq!(elements(&listing, "ETag"), [expected]);
    assert_eq!(bucket.left(), (0, 0));
    #[cfg(target_os = "linux")]
    {
        let grown = demo.peak_memory() - before;
        assert!(grown < 40 * MIB, "grew by {grown} bytes");
    }
}

#[tokio::test]
async fn parts_are_listed_in_order_and_in_pages() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let id = bucket.begin("a", &[]).await;
    for number in [10_000, 2, 10, 1, 9] {
        let body = vec![0; usize::try_from(number).unwrap()];
        bucket.store_part("a", &id, number, &body).await;
    }

    let all = bucket.list_parts("a", &id, "").await;
    let numbers: Vec<u32> = listed(&all).iter().map(|part| part.number).collect();
    assert_eq!(numbers, [1, 2, 9, 10, 10_000]);
    for part in listed(&all) {
        assert_eq!(part.size, u64::from(part.number));
        let body = vec![0; usize::try_from(part.number).unwrap()];
        assert_eq!(part.etag, quoted_md5(&body));
    }
    for (element, value) in [
        ("Bucket", "uploads"),
        ("Key", "a"),
        ("UploadId", &*id),
        ("PartNumberMarker", "0"),
        ("NextPartNumberMarker", "10000"),
        ("MaxParts", "1000"),
        ("IsTruncated", "false"),
        ("StorageClass", "STANDARD"),
    ] {
        assert_eq!(all.element(element).as_deref(), Some(value), "{element}");
    }
    assert_eq!(elements(&all.text(), "LastModified").len(), 5);
    assert!(all.text().contains("<Owner>"));
    assert!(all.text().contains("<Initiator>"));

    let mut pages = Vec::new();
    let mut marker = "0".to_owned();
    loop {
        let query = format!("max-parts=2&part-number-marker={marker}");
        let page = bucket.list_parts("a", &id, &query).await;
        assert_eq!(page.element("PartNumberMarker"), Some(marker));
        pages.push(
            listed(&page)
                .iter()
                .map(|part| part.number)
                .collect::<Vec<_>>(),
        );
        marker = page.element("NextPartNumberMarker").unwrap();
        if page.element("IsTruncated").as_deref() == Some("false") {
            break;
        }
    }
    assert_eq!(pages, [vec![1, 2], vec![9, 10], vec![10_000]]);
    let none = bucket.list_parts("a", &id, "max-parts=0").await;
    assert_eq!(listed(&none), []);
    assert_eq!(none.element("IsTruncated").as_deref(), Some("false"));
    let negative = bucket.list_parts("a", &id, "max-parts=-1").await;
    assert_eq!(negative.refusal(), refused(400, "InvalidArgument"));
}

#[tokio::test]
async fn more_parts_than_one_page_has() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let id = bucket.begin("a", &[]).await;
    for number in 1..=1001 {
        bucket.store_part("a", &id, number, b"1").await;
    }

    let first = bucket.list_parts("a", &id, "max-parts=5000").await;
    assert_eq!(listed(&first).len(), 1000);
    assert_eq!(first.element("IsTruncated").as_deref(), Some("true"));
    let second = bucket.list_parts("a", &id, "part-number-marker=1000").await;
    assert_eq!(listed(&second).len(), 1);
    assert_eq!(second.element("IsTruncated").as_deref(), Some("false"));
}

#[tokio::test]
async fn a_part_that_is_not_the_declared_one_leaves_the_earlier_one() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let earlier = Listed {
        number: 1,
        size: 6,
        etag: quoted_md5(b"before"),
    };
    // Of `hello`.
    let sums = [
        ("CRC32", "x-amz-checksum-crc32", "NhCmhg=="),
        ("CRC32C", "x-amz-checksum-crc32c", "mnG7TA=="),
        ("CRC64NVME", "x-amz-checksum-crc64nvme", "M3eFcAZSQlc="),
        (
            "SHA1",
            "x-amz-checksum-sha1",
            "qvTGHdzF6KLavt4PO0gs2a6pQ00=",
        ),
        (
            "SHA256",
            "x-amz-checksum-sha256",
            "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
        ),
    ];
    for (algorithm, header, value) in sums {
        let created = [("x-amz-checksum-algorithm", algorithm)];
        let id = bucket.begin("a", &created).await;
        let before = match algorithm {
            "CRC32" => sum::<Crc32>(b"before"),
            "CRC32C" => sum::<Crc32c>(b"before"),
            "CRC64NVME" => sum::<Crc64Nvme>(b"before"),
            "SHA1" => sum::<s3s::crypto::Sha1>(b"before"),
            _ => sum::<Sha256>(b"before"),
        };
        let stored = bucket
            .part("a", &id, 1, &[(header, &before)], b"before")
            .await;
        assert_eq!(stored.status, 200, "{}", stored.text());
        assert_eq!(stored.header(header), Some(&*before));

        let wrong = bucket.part("a", &id, 1, &[(header, value)], b"hellO").await;
        assert_eq!(wrong.refusal(), refused(400, "BadDigest"), "{algorithm}");
        let md5 = [("content-md5", "XUFAKrxLKna5cZ2REBfFkg=="), (header, value)];
        let wrong = bucket.part("a", &id, 1, &md5, b"hellO").await;
        assert_eq!(wrong.refusal(), refused(400, "BadDigest"), "{algorithm}");

        let list = bucket.list_parts("a", &id, "").await;
        assert_eq!(listed(&list), std::slice::from_ref(&earlier));
        let element = format!("Checksum{algorithm}");
        assert_eq!(list.element(&element), Some(before));
        let chosen = list.element("ChecksumAlgorithm");
        assert_eq!(chosen.as_deref(), Some(algorithm));
        let right = bucket.part("a", &id, 1, &md5, b"hello").await;
        assert_eq!(right.status, 200, "{}", right.text());
    }

    let id = bucket.begin("a", &[]).await;
    bucket.store_part("a", &id, 1, b"before").await;
    for (md5, code) in [
        ("XUFAKrxLKna5cZ2REBfFkg==", "BadDigest"),
        ("no", "InvalidDigest"),
    ] {
        for number in [1, 2] {
            let headers = [("content-md5", md5)];
            let wrong = bucket.part_with("a", &id, number, &headers, b"hellO").await;
            assert_eq!(wrong.refusal(), refused(400, code));
        }
    }
    assert_eq!(bucket.parts("a", &id).await, [earlier]);
    assert_eq!(bucket.left(), (6, 0));
}

#[tokio::test]
async fn a_part_cut_short_changes_nothing() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let id = bucket.begin("a", &[]).await;
    bucket.store_part("a", &id, 1, b"before").await;

    for number in [1, 2] {
        let query = format!("partNumber={number}&uploadId={id}");
        let length = [("content-length", "1000000")];
        let target = bucket.signer.presign("PUT", "a", &query, 900, &length);
        let host = bucket.address;
        let head =
            format!("PUT {target} HTTP/1.1\r\nhost: {host}\r\ncontent-length: 1000000\r\n\r\n");
        let sent = [head.as_bytes(), &vec![0; 500_000]].concat();
        raw(bucket.address, &sent, true).await;
    }

    let parts = bucket.parts("a", &id).await;
    assert_eq!(parts.len(), 1);
    assert_eq!(parts[0].etag, quoted_md5(b"before"));
    assert_eq!(bucket.left(), (1, 0));
}

#[tokio::test]
async fn parts_that_aws_does_not_take() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let id = bucket.begin("a", &[]).await;

    for number in ["0", "10001", "-1", "99999999999", "one"] {
        let answer = bucket.part("a", &id, number, &[], b"1").await;
        assert_eq!(
            answer.refusal(),
            refused(400, "InvalidArgument"),
            "{number}"
        );
    }
    let target = |size: u64| {
        let query = format!("partNumber=1&uploadId={id}");
        let length = size.to_string();
        let signed = [("content-length", &*length)];
        bucket.signer.presign("PUT", "a", &query, 900, &signed)
    };
    let longer = request(bucket.address, "PUT", &target(1), &[], b"12").await;
    assert_eq!(longer.refusal(), refused(403, "SignatureDoesNotMatch"));
    let unsigned = [("x-amz-checksum-crc32", "NhCmhg==")];
    let unsigned = request(bucket.address, "PUT", &target(5), &unsigned, b"hello").await;
    assert_eq!(unsigned.refusal(), refused(403, "AccessDenied"));
    let size = (5_u64 << 30) + 1;
    // `Expect` spares the test the sending.
    let head = format!(
        "PUT {} HTTP/1.1\r\nhost: {}\r\nexpect: 100-continue\r\ncontent-length: {size}\r\n\r\n",
        target(size),
        bucket.address
    );
    let too_large = raw(bucket.address, head.as_bytes(), false).await;
    assert!(
        too_large.contains("<Code>EntityTooLarge</Code>"),
        "{too_large}"
    );
    // Nobody sends a next request there.
    assert!(too_large.contains("connection: close"), "{too_large}");
    let other_sum = [("x-amz-checksum-crc32", "NhCmhg==")];
    let other_sum = bucket.part("a", &id, 1, &other_sum, b"hello").await;
    assert_eq!(other_sum.refusal(), refused(400, "InvalidRequest"));

    assert_eq!(bucket.parts("a", &id).await, []);
    assert_eq!(bucket.left(), (1, 0));
}

#[tokio::test]
async fn lists_that_do_not_make_an_object() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let (large, other) = (bytes(1, PART), bytes(2, PART));
    let (id, list) = upload(&bucket, "a", &[&large, b"small", &other]).await;
    let [first, second, third] = [0, 1, 2].map(|at: usize| list[at].clone());
    let fourth = (4, second.1.clone());
    let wrong = (3, second.1.clone());
    let short = (1, "\"".to_owned() + &first.1[2..]);

    for (list, code) in [
        (vec![third.clone(), first.clone()], "InvalidPartOrder"),
        (vec![first.clone(), first.clone()], "InvalidPartOrder"),
        (vec![first.clone(), fourth], "InvalidPart"),
        (vec![first.clone(), wrong], "InvalidPart"),
        (vec![short, third.clone()], "InvalidPart"),
        (vec![(1, String::new())], "InvalidPart"),
        (list.clone(), "EntityTooSmall"),
        (vec![], "MalformedXML"),
    ] {
        let answer = bucket.complete("a", &id, &list, &[]).await;
        assert_eq!(answer.refusal(), refused(400, code), "{list:?}");
    }
    for xml in ["<Part>", "<Part><PartNumber>one</PartNumber></Part>"] {
        let answer = bucket.complete_as("a", &id, xml, &[]).await;
        assert_eq!(answer.refusal(), refused(400, "MalformedXML"), "{xml}");
    }
    let size = [("x-amz-mp-object-size", "5")];
    let answer = bucket
        .complete("a", &id, &[first.clone(), third.clone()], &size)
        .await;
    assert_eq!(answer.refusal(), refused(400, "InvalidRequest"));
    assert!(bucket.files().is_empty());
    assert_eq!(bucket.parts("a", &id).await.len(), 3);

    // A part that is not listed is not in the object, and quotes may be left out.
    let bare = third.1.trim_matches('"').to_owned();
    let size = (2 * PART).to_string();
    let size = [("x-amz-mp-object-size", &*size)];
    let answer = bucket.complete("a", &id, &[first, (3, bare)], &size).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert!(bucket.get("a").await.body == [large, other].concat());
    assert_eq!(bucket.left(), (0, 0));
}

#[tokio::test]
async fn an_upload_that_is_not_there() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let (aborted, _) = upload(&bucket, "a", &[b"1"]).await;
    let abort = bucket.abort("a", &aborted).await;
    assert_eq!((abort.status, abort.text()), (204, String::new()));
    let (completed, list) = upload(&bucket, "a", &[b"1"]).await;
    let complete = bucket.complete("a", &completed, &list, &[]).await;
    assert_eq!(complete.status, 200, "{}", complete.text());
    let (others, _) = upload(&bucket, "b", &[b"1"]).await;

    for id in [
        &*aborted,
        &completed,
        &others,
        &"0".repeat(32),
        "no",
        "..",
        "../../uploads",
        "%00",
    ] {
        for answer in [
            bucket.part("a", id, 1, &[], b"2").await,
            bucket.list_parts("a", id, "").await,
            bucket.complete("a", id, &list, &[]).await,
            bucket
                .complete("a", id, &list, &[("if-none-match", "*")])
                .await,
            bucket.abort("a", id).await,
        ] {
            assert_eq!(answer.refusal(), refused(404, "NoSuchUpload"), "{id}");
        }
    }
    assert_eq!(bucket.get("a").await.text(), "1");
    assert_eq!(bucket.parts("b", &others).await.len(), 1);
    assert_eq!(bucket.left(), (1, 0));

    let mut nobodys = demo.store().await;
    nobodys.signer.bucket = "nobodys".to_owned();
    for answer in [
        nobodys.create("b", &[]).await,
        nobodys.part("b", &others, 1, &[], b"2").await,
        nobodys.list_parts("b", &others, "").await,
        nobodys.complete("b", &others, &list, &[]).await,
        nobodys.abort("b", &others).await,
        nobodys.uploads("").await,
    ] {
        assert_eq!(answer.refusal(), refused(404, "NoSuchBucket"));
    }
    // A bucket that is there, but not the upload's.
    fs::create_dir(data.path().join("second")).unwrap();
    nobodys.signer.bucket = "second".to_owned();
    let answer = nobodys.list_parts("b", &others, "").await;
    assert_eq!(answer.refusal(), refused(404, "NoSuchUpload"));
}

#[tokio::test]
async fn an_object_in_parts_does_not_overwrite_where_it_must_not() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let condition = [("if-none-match", "*")];
    let (id, list) = upload(&bucket, "a", &[b"parts"]).await;
    assert_eq!(bucket.put("a", &[], b"before").await.status, 200);

    let taken = bucket.complete("a", &id, &list, &condition).await;
    assert_eq!(taken.refusal(), refused(412, "PreconditionFailed"));
    let other = [("if-none-match", "\"1\"")];
    let other = bucket.complete("a", &id, &list, &other).await;
    assert_eq!(other.refusal(), refused(501, "NotImplemented"));
    assert_eq!(bucket.get("a").await.text(), "before");
    assert_eq!(bucket.parts("a", &id).await.len(), 1);

    let replaced = bucket.complete("a", &id, &list, &[]).await;
    assert_eq!(replaced.status, 200, "{}", replaced.text());
    let now = bucket.get("a").await;
    assert_eq!(now.text(), "parts");
    assert_eq!(now.header("etag"), Some(&*etag(&[b"parts"])));
    // And back: nothing of the parts is left.
    assert_eq!(bucket.put("a", &[], b"after").await.status, 200);
    assert_eq!(
        bucket.get("a").await.header("etag"),
        Some(&*quoted_md5(b"after"))
    );
}

#[tokio::test]
async fn a_checksum_over_the_whole_object() {
    type Sum = fn(&[u8]) -> String;
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let whole = bytes(3, PART + 1000);
    let (first, second) = whole.split_at(PART);
    let algorithms: [(&str, &str, Sum); 3] = [
        ("CRC64NVME", "x-amz-checksum-crc64nvme", sum::<Crc64Nvme>),
        ("CRC32C", "x-amz-checksum-crc32c", sum::<Crc32c>),
        ("CRC32", "x-amz-checksum-crc32", sum::<Crc32>),
    ];
    for (algorithm, header, sum) in algorithms {
        let created = [
            ("x-amz-checksum-algorithm", algorithm),
            ("x-amz-checksum-type", "FULL_OBJECT"),
        ];
        let answer = bucket.create(algorithm, &created).await;
        assert_eq!(answer.header(created[0].0), Some(created[0].1));
        assert_eq!(answer.header(created[1].0), Some(created[1].1));
        let id = answer.element("UploadId").unwrap();
        // A part's own checksum is as good as none.
        let of_first = sum(first);
        let answer = bucket
            .part(algorithm, &id, 1, &[(header, &of_first)], first)
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let list = [
            (1, quoted_md5(first)),
            bucket.store_part(algorithm, &id, 2, second).await,
        ];

        let (wrong, right) = (sum(first), sum(&whole));
        let answer = bucket
            .complete(algorithm, &id, &list, &[(header, &wrong)])
            .await;
        assert_eq!(answer.refusal(), refused(400, "BadDigest"), "{algorithm}");
        let foreign = [(
            "x-amz-checksum-sha256",
            "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
        )];
        let composite = [(header, &*right), ("x-amz-checksum-type", "COMPOSITE")];
        for headers in [&foreign[..], &composite] {
            let answer = bucket.complete(algorithm, &id, &list, headers).await;
            assert_eq!(answer.refusal(), refused(400, "InvalidRequest"));
        }
        assert!(!bucket.files().contains(&algorithm.to_owned()));
        let answer = bucket
            .complete(
                algorithm,
                &id,
                &list,
                &[(header, &right), ("x-amz-checksum-type", "FULL_OBJECT")],
            )
            .await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let element = format!("Checksum{algorithm}");
        assert_eq!(answer.element(&element).as_ref(), Some(&right));
        let head = bucket.head(algorithm).await;
        assert_eq!(head.header(header), Some(&*right));
        assert_eq!(head.header("x-amz-checksum-type"), Some("FULL_OBJECT"));
    }
}

#[tokio::test]
async fn a_checksum_over_the_parts_checksums() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let header = "x-amz-checksum-sha256";
    let id = bucket
        .begin("a", &[("x-amz-checksum-algorithm", "SHA256")])
        .await;
    let without = bucket.part("a", &id, 1, &[], b"hello").await;
    assert_eq!(without.refusal(), refused(400, "InvalidRequest"));
    let of_part = sum::<Sha256>(b"hello");
    let stored = bucket
        .part("a", &id, 1, &[(header, &of_part)], b"hello")
        .await;
    assert_eq!(stored.status, 200, "{}", stored.text());
    let listed = |sum: &str| {
        let etag = quoted_md5(b"hello");
        format!("<Part><PartNumber>1</PartNumber><ETag>{etag}</ETag>{sum}</Part>")
    };
    let element = |sum: &str| listed(&format!("<ChecksumSHA256>{sum}</ChecksumSHA256>"));

    let missing = bucket.complete_as("a", &id, &listed(""), &[]).await;
    assert_eq!(missing.refusal(), refused(400, "InvalidRequest"));
    let wrong = element(&sum::<Sha256>(b"hellO"));
    let wrong = bucket.complete_as("a", &id, &wrong, &[]).await;
    assert_eq!(wrong.refusal(), refused(400, "InvalidPart"));
    let right = bucket.complete_as("a", &id, &element(&of_part), &[]).await;

    assert_eq!(right.status, 200, "{}", right.text());
    let over_parts = format!("{}-1", sum::<Sha256>(&Sha256::checksum(b"hello")));
    let head = bucket.head("a").await;
    assert_eq!(head.header(header), Some(&*over_parts));
    assert_eq!(head.header("x-amz-checksum-type"), Some("COMPOSITE"));
}

#[tokio::test]
async fn checksums_that_s3_does_not_have() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    for (algorithm, kind) in [
        (Some("MD4"), None),
        (None, Some("FULL_OBJECT")),
        (Some("CRC32"), Some("HALF_OBJECT")),
        (Some("SHA1"), Some("FULL_OBJECT")),
        (Some("SHA256"), Some("FULL_OBJECT")),
        (Some("CRC64NVME"), Some("COMPOSITE")),
    ] {
        let algorithm = algorithm.map(|it| ("x-amz-checksum-algorithm", it));
        let kind = kind.map(|it| ("x-amz-checksum-type", it));
        let headers: Vec<(&str, &str)> = algorithm.into_iter().chain(kind).collect();
        let answer = bucket.create("a", &headers).await;
        assert_eq!(
            answer.refusal(),
            refused(400, "InvalidRequest"),
            "{headers:?}"
        );
    }
    assert_eq!(bucket.left(), (0, 0));
}

#[tokio::test]
async fn an_upload_outlives_the_store() {
    let data = TempDir::new().unwrap();
    let key = "k".repeat(900) + ".bin";
    let (first, second) = (bytes(4, PART), bytes(5, 10));
    let (id, kept, abandoned) = {
        let demo = Demo::start(data.path(), &[]);
        let bucket = demo.store().await;
        let id = bucket.begin(&key, &[("content-type", "image/png")]).await;
        let kept = bucket.store_part(&key, &id, 1, &first).await;
        let (abandoned, _) = upload(&bucket, "abandoned", &[b"1"]).await;
        (id, kept, abandoned)
    };
    let own = data.path().join(".presign-demo");
    // As it was eight days ago, and as it is after a crash.
    let record = own.join("uploads").join(&abandoned).join("upload.json");
    let mut upload: serde_json::Value =
        serde_json::from_slice(&fs::read(&record).unwrap()).unwrap();
    upload["initiated"] = days_ago(8).into();
    fs::write(&record, upload.to_string()).unwrap();
    fs::write(own.join("scratch/0"), "half a part").unwrap();
    fs::create_dir_all(own.join("scratch/1/2")).unwrap();

    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;

    assert_eq!(bucket.left(), (1, 0));
    assert!(demo.log().contains("nobody completed for 7 days"));
    let gone = bucket.list_parts("abandoned", &abandoned, "").await;
    assert_eq!(gone.refusal(), refused(404, "NoSuchUpload"));
    let there = bucket.parts(&key, &id).await;
    assert_eq!((there.len(), &there[0].etag), (1, &kept.1));
    let list = [kept, bucket.store_part(&key, &id, 2, &second).await];
    let answer = bucket.complete(&key, &id, &list, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let stored = bucket.get(&key).await;
    assert!(stored.body == [&*first, &second].concat());
    assert_eq!(stored.header("content-type"), Some("image/png"));
    assert_eq!(stored.header("etag"), Some(&*etag(&[&first, &second])));
    let listing = bucket.list().await.replace("&quot;", "\"");
    assert_eq!(elements(&listing, "Key"), [key]);
    assert_eq!(elements(&listing, "ETag"), [etag(&[&first, &second])]);
}

fn days_ago(days: u64) -> String {
    let time = std::time::SystemTime::now() - std::time::Duration::from_hours(24 * days);
    let mut text = Vec::new();
    s3s::dto::Timestamp::from(time)
        .format(s3s::dto::TimestampFormat::DateTime, &mut text)
        .unwrap();
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn every_key_can_come_in_parts() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    for key in [
        "日本 50%&+#'\"\\?.png",
        "d/a",
        "d//a",
        "/d/a",
        "d/a/",
        &"x".repeat(1024),
    ] {
        let (id, list) = upload(&bucket, key, &[key.as_bytes()]).await;
        let answer = bucket.complete(key, &id, &list, &[]).await;
        assert_eq!(answer.status, 200, "{key}: {}", answer.text());
        assert_eq!(bucket.get(key).await.text(), key);
    }
    for (key, code) in [
        ("../x", "InvalidURI"),
        ("d", "InvalidRequest"),
        ("d/a/x", "InvalidRequest"),
    ] {
        let answer = bucket.create(key, &[]).await;
        assert_eq!(answer.refusal(), refused(400, code), "{key}");
    }
}

#[tokio::test]
async fn uploads_are_listed_by_prefix_and_in_pages() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let mut ids = Vec::new();
    for key in ["b/2", "a", "b/1", "b/1", "c"] {
        ids.push(bucket.begin(key, &[]).await);
    }
    let ordered = |page: &common::http::Answer| elements(&page.text(), "UploadId");

    let all = bucket.uploads("").await;
    assert_eq!(
        elements(&all.text(), "Key"),
        ["a", "b/1", "b/1", "b/2", "c"]
    );
    let in_order = [1, 2, 3, 0, 4].map(|at: usize| ids[at].clone());
    assert_eq!(ordered(&all), in_order);
    assert_eq!(elements(&all.text(), "Initiated").len(), 5);
    assert_eq!(all.element("IsTruncated").as_deref(), Some("false"));
    assert_eq!(ordered(&bucket.uploads("prefix=b/").await), in_order[1..4]);

    let page = bucket.uploads("prefix=b/&max-uploads=2").await;
    assert_eq!(ordered(&page), in_order[1..3]);
    assert_eq!(page.element("IsTruncated").as_deref(), Some("true"));
    let key = page.element("NextKeyMarker").unwrap();
    let id = page.element("NextUploadIdMarker").unwrap();
    let markers = format!("prefix=b/&key-marker={key}&upload-id-marker={id}");
    assert_eq!(ordered(&bucket.uploads(&markers).await), in_order[3..4]);
    assert_eq!(
        ordered(&bucket.uploads("key-marker=b/1").await),
        in_order[3..]
    );
}

#[tokio::test]
async fn the_same_part_at_once_is_one_of_them() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let bodies: Vec<Vec<u8>> = (0..8).map(|seed| bytes(seed, 300_000)).collect();
    let id = bucket.begin("a", &[]).await;

    join_all(
        bodies
            .iter()
            .map(|body| bucket.store_part("a", &id, 1, body)),
    )
    .await;

    let parts = bucket.parts("a", &id).await;
    // The upload itself, the part, and its bytes: nothing of the others.
    let folder = data.path().join(".presign-demo/uploads").join(&id);
    assert_eq!(fs::read_dir(folder).unwrap().count(), 3);
    let list = [(1, parts[0].etag.clone())];
    let answer = bucket.complete("a", &id, &list, &[]).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let stored = bucket.get("a").await.body;
    assert_eq!(quoted_md5(&stored), parts[0].etag);
    assert!(bodies.iter().any(|body| *body == stored));
    assert_eq!(bucket.left(), (0, 0));
}

#[tokio::test]
async fn of_eight_completions_at_once_one_wins() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let (one, other) = (bytes(6, PART), bytes(7, PART));
    // Of one upload, and of uploads to one key.
    let (id, list) = upload(&bucket, "a", &[&one, b"x"]).await;
    let answers = join_all((0..8).map(|_| bucket.complete("a", &id, &list, &[]))).await;
    let won = answers.iter().filter(|answer| answer.status == 200).count();
    assert_eq!(won, 1, "{answers:?}");
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert_eq!(answer.refusal(), refused(404, "NoSuchUpload"));
    }

    let condition = [("if-none-match", "*")];
    let (first, first_list) = upload(&bucket, "b", &[&one, b"x"]).await;
    let (second, second_list) = upload(&bucket, "b", &[&other, b"y"]).await;
    let (put, (first, second)) = join(
        bucket.put("b", &condition, b"put"),
        join(
            bucket.complete("b", &first, &first_list, &condition),
            bucket.complete("b", &second, &second_list, &condition),
        ),
    )
    .await;
    let candidates = [
        (put, b"put".to_vec()),
        (first, [&*one, b"x"].concat()),
        (second, [&*other, b"y"].concat()),
    ];
    let mut winners = candidates.iter().filter(|(answer, _)| answer.status == 200);
    let (_, winner) = winners.next().unwrap();
    assert!(winners.next().is_none());
    for (answer, _) in candidates.iter().filter(|(answer, _)| answer.status != 200) {
        assert_eq!(answer.refusal(), refused(412, "PreconditionFailed"));
    }
    assert!(bucket.get("b").await.body == *winner);
}

#[tokio::test]
async fn a_part_sent_again_while_the_parts_are_joined() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let whole = bytes(10, 8 * PART + 1000);
    let parts: Vec<&[u8]> = whole.chunks(PART).collect();
    let (id, list) = upload(&bucket, "a", &parts).await;

    let again = async {
        for _ in 0..60 {
            let answer = bucket.part("a", &id, 9, &[], parts[8]).await;
            let late = answer.refusal() == refused(404, "NoSuchUpload");
            assert!(answer.status == 200 || late, "{answer:?}");
        }
    };
    let (completed, ()) = join(bucket.complete("a", &id, &list, &[]), again).await;

    assert_eq!(completed.status, 200, "{}", completed.text());
    assert!(bucket.get("a").await.body == whole);
    assert_eq!(bucket.left(), (0, 0));
}

#[tokio::test]
async fn completing_aborting_and_a_part_at_once() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let (before, after) = (bytes(8, 600_000), bytes(9, 600_000));
    for round in 0..10 {
        let key = format!("round {round}");
        let (id, list) = upload(&bucket, &key, &[&before]).await;
        let (part, (completed, (aborted, parts))) = join(
            bucket.part(&key, &id, 1, &[], &after),
            join(
                bucket.complete(&key, &id, &list, &[]),
                join(bucket.abort(&key, &id), bucket.list_parts(&key, &id, "")),
            ),
        )
        .await;

        let no_upload = refused(404, "NoSuchUpload");
        assert!(
            part.status == 200 || part.refusal() == no_upload,
            "{part:?}"
        );
        assert!(
            parts.status == 200 || parts.refusal() == no_upload,
            "{parts:?}"
        );
        let stored = bucket.get(&key).await;
        match (completed.status, aborted.status) {
            (200, 404) => {
                assert!(stored.body == before);
                assert_eq!(stored.header("etag"), Some(&*etag(&[&before])));
            }
            (404 | 400, 204) => assert_eq!(stored.status, 404),
            other => panic!("{other:?}"),
        }
        if completed.status == 400 {
            assert_eq!(completed.refusal(), refused(400, "InvalidPart"));
            assert_eq!(part.status, 200);
        }
    }
    assert_eq!(bucket.left(), (0, 0));
}

#[tokio::test]
async fn a_page_of_another_origin_sends_parts() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &[]);
    let bucket = demo.store().await;
    let id = bucket.begin("a", &[]).await;
    let query = format!("partNumber=1&uploadId={id}");
    let length = [("content-length", "5")];
    let target = bucket.signer.presign("PUT", "a", &query, 900, &length);
    let origin = ("origin", "http://page.example");

    let preflight = [
        origin,
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "content-md5"),
    ];
    let answer = request(bucket.address, "OPTIONS", &target, &preflight, b"").await;
    assert_eq!(answer.status, 200);
    let allowed = answer.header("access-control-allow-headers");
    assert_eq!(allowed, Some("content-md5"));
    let headers = [origin, ("content-md5", "XUFAKrxLKna5cZ2REBfFkg==")];
    let stored = request(bucket.address, "PUT", &target, &headers, b"hello").await;
    assert_eq!(stored.status, 200, "{}", stored.text());
    let exposed = stored.header("access-control-expose-headers").unwrap();
    assert!(exposed.contains("etag"), "{exposed}");

    // More than the sockets' buffers take, refused before it is read.
    assert_eq!(bucket.abort("a", &id).await.status, 204);
    let size = 64 * MIB;
    let text = size.to_string();
    let length = [("content-length", &*text)];
    let target = bucket.signer.presign("PUT", "a", &query, 900, &length);
    let head = format!(
        "PUT {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\norigin: http://page.example\r\ncontent-length: {size}\r\n\r\n",
        bucket.address
    );
    let sent = [head.as_bytes(), &vec![0; size]].concat();
    let answer = raw(bucket.address, &sent, false).await;
    assert!(answer.contains("<Code>NoSuchUpload</Code>"), "{answer}");
    assert!(
        answer.contains("access-control-allow-origin: *"),
        "{answer}"
    );
}
