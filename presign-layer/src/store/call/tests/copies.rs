//! Objects that are copied and deleted.

use std::collections::BTreeMap;
use std::time::Duration;

use http::Response;

use super::script::{ID, NOW, Script, Seen, Step, answer, error, key};
use crate::Capabilities;
use crate::key::ObjectKey;
use crate::store::Store;
use crate::store::call::{CallError, PartCopy, Source};
use crate::store::copying::Copying;

const COPIED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<CopyObjectResult><LastModified>2009-10-12T17:50:30.000Z</LastModified><ETag>"9b2cf535f27731c974343645a3985328"</ETag></CopyObjectResult>"#;
const PART: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<CopyPartResult><LastModified>2011-04-11T20:34:56.000Z</LastModified><ETag>"9b2cf535f27731c974343645a3985328"</ETag></CopyPartResult>"#;
const CREATED: &str = "<InitiateMultipartUploadResult><UploadId>VXBsb2FkIElE</UploadId></InitiateMultipartUploadResult>";
const COMPLETED: &str =
    "<CompleteMultipartUploadResult><ETag>\"e-2\"</ETag></CompleteMultipartUploadResult>";

const MIB: u64 = 1024 * 1024;

fn pending() -> ObjectKey {
    ObjectKey::new("pending/ä b+&%.bin").unwrap()
}

fn signed_headers(seen: &Seen) -> &str {
    &seen.query["X-Amz-SignedHeaders"]
}

/// What HEAD answers of the pending object.
fn described() -> Step {
    let response = Response::builder()
        .header("content-length", "11534336")
        .header("content-type", "image/png")
        .header("cache-control", "no-cache")
        .header("content-disposition", "attachment; filename=\"a.png\"")
        .header("etag", "\"e\"")
        .header("x-amz-meta-presign-upload", "an upload")
        .header("x-amz-request-id", "1")
        .header("x-amz-server-side-encryption", "AES256")
        .header("last-modified", "Wed, 21 Oct 2026 07:28:00 GMT");
    Step::Answer(response.body(bytes::Bytes::new()).unwrap())
}

/// A store that copies 5 MiB in one go.
fn store(script: &Script, capabilities: Capabilities) -> Store {
    let mut store = script.store();
    store.copy_at_most = 5 * MIB;
    store.capabilities = capabilities;
    store
}

async fn copy(store: &Store, size: u64, forbid_overwrite: bool) -> Result<(), CallError> {
    let (pending, to) = (pending(), key());
    let copying = Copying {
        source: Source {
            key: &pending,
            etag: "e",
        },
        size,
        to: &to,
        headers: &BTreeMap::from([("x-amz-storage-class".to_owned(), "GLACIER_IR".to_owned())]),
        forbid_overwrite,
    };
    store.copy(|| Ok::<Duration, CallError>(NOW), copying).await
}

#[tokio::test]
async fn a_small_object_is_copied_in_one_go() {
    let script = Script::new([answer(200, COPIED), answer(200, COPIED)]);
    let store = store(&script, Capabilities::aws());

    copy(&store, 5 * MIB, true).await.unwrap();
    copy(&store, 0, false).await.unwrap();

    let [careful, over] = &script.seen()[..] else {
        panic!("two requests")
    };
    assert_eq!(careful.method, "PUT");
    assert_eq!(careful.path, "/uploads/users/1/%C3%A4%20b%26c.bin");
    for (name, value) in [
        (
            "x-amz-copy-source",
            "uploads/pending/%C3%A4%20b%2B%26%25.bin",
        ),
        ("x-amz-copy-source-if-match", "\"e\""),
        ("x-amz-metadata-directive", "COPY"),
        ("x-amz-storage-class", "GLACIER_IR"),
        ("if-none-match", "*"),
    ] {
        assert_eq!(careful.headers[name], value);
    }
    assert_eq!(
        signed_headers(careful),
        "host;if-none-match;x-amz-copy-source;x-amz-copy-source-if-match;x-amz-metadata-directive;x-amz-storage-class"
    );
    assert_eq!(over.headers.get("if-none-match"), None);
}

#[tokio::test]
async fn a_large_object_is_copied_by_parts_with_what_is_stored_with_it() {
    let parts = [answer(200, PART), answer(200, PART), answer(200, PART)];
    let steps = [described(), answer(200, CREATED)]
        .into_iter()
        .chain(parts)
        .chain([answer(200, COMPLETED)]);
    let script = Script::new(steps);

    copy(&store(&script, Capabilities::aws()), 11 * MIB, true)
        .await
        .unwrap();

    let seen = script.seen();
    assert_eq!(
        (&*seen[0].method, &seen[0].headers["if-match"]),
        ("HEAD", &"\"e\"".parse().unwrap())
    );
    let create = &seen[1];
    assert_eq!((&*create.method, &*create.query["uploads"]), ("POST", ""));
    assert_eq!(
        signed_headers(create),
        "cache-control;content-disposition;content-type;host;x-amz-meta-presign-upload;x-amz-storage-class"
    );
    assert_eq!(create.headers["content-type"], "image/png");
    assert_eq!(create.headers["x-amz-meta-presign-upload"], "an upload");
    for (number, range) in [
        (1, "bytes=0-5242879"),
        (2, "bytes=5242880-10485759"),
        (3, "bytes=10485760-11534335"),
    ] {
        let part = &seen[number + 1];
        assert_eq!(part.query["partNumber"], number.to_string());
        assert_eq!(part.query["uploadId"], ID);
        assert_eq!(part.headers["x-amz-copy-source-range"], range);
        assert_eq!(part.headers["x-amz-copy-source-if-match"], "\"e\"");
        assert_eq!(part.path, "/uploads/users/1/%C3%A4%20b%26c.bin");
    }
    let complete = &seen[5];
    assert_eq!(complete.headers["if-none-match"], "*");
    assert!(
        complete.body.contains("<PartNumber>3</PartNumber>"),
        "{}",
        complete.body
    );
    assert_eq!(seen.len(), 6);
}

/// `MinIO` ignores `if-none-match` of a copy and honours it at an upload's end.
#[tokio::test]
async fn where_only_uploads_end_with_a_condition_a_copy_is_one_part_of_all_its_source() {
    for size in [0, 7] {
        let script = Script::new([
            described(),
            answer(200, CREATED),
            answer(200, PART),
            answer(200, COMPLETED),
        ]);

        copy(&store(&script, Capabilities::minio()), size, true)
            .await
            .unwrap();

        let seen = script.seen();
        assert_eq!(seen[2].headers.get("x-amz-copy-source-range"), None);
        assert_eq!(seen[3].headers["if-none-match"], "*");
    }
    let script = Script::new([answer(200, COPIED)]);
    copy(&store(&script, Capabilities::minio()), 7, false)
        .await
        .unwrap();
}

#[tokio::test]
async fn what_a_part_of_a_copy_fails_with_is_told_and_no_part_stays() {
    let changed = || error(412, "PreconditionFailed", "At least one");
    let gone = || error(404, "NoSuchKey", "The specified key does not exist.");
    let late = || error(200, "InternalError", "We encountered an internal error.");
    let aborted = || answer(204, "");
    for (steps, says) in [
        (vec![answer(412, "")], "another one"),
        (vec![answer(404, "")], "no object of this key"),
        (
            vec![described(), answer(200, CREATED), changed(), aborted()],
            "another one",
        ),
        (
            vec![described(), answer(200, CREATED), gone(), aborted()],
            "no object of this key",
        ),
        (
            vec![described(), answer(200, CREATED), late(), aborted()],
            "200 InternalError",
        ),
        (
            vec![
                described(),
                answer(200, CREATED),
                answer(200, PART),
                changed(),
                aborted(),
            ],
            "the key is taken",
        ),
    ] {
        let requests = steps.len();
        let script = Script::new(steps);
        let failed = copy(&store(&script, Capabilities::minio()), 7, true).await;
        let words = failed.unwrap_err().to_string();
        assert!(words.contains(says), "{words}");
        let seen = script.seen();
        assert_eq!(seen.len(), requests, "{says}");
        if requests > 1 {
            let last = seen.last().unwrap();
            assert_eq!((&*last.method, &*last.query["uploadId"]), ("DELETE", ID));
        }
    }
}

#[tokio::test]
async fn what_a_copy_in_one_go_fails_with_is_told() {
    for (step, says) in [
        (
            error(412, "PreconditionFailed", ""),
            "another one, or the key is taken",
        ),
        (
            error(409, "ConditionalRequestConflict", ""),
            "another one, or the key is taken",
        ),
        (error(404, "NoSuchKey", ""), "no object of this key"),
        (
            error(200, "SlowDown", "Please reduce your request rate."),
            "200 SlowDown",
        ),
        (error(404, "NoSuchBucket", "which?"), "404 NoSuchBucket"),
        (
            answer(200, "<CopyObjectResult><ETag></ETag></CopyObjectResult>"),
            "ETag",
        ),
        (answer(200, ""), "empty"),
        (answer(200, PART), "expected `CopyObjectResult`"),
    ] {
        let script = Script::new([step]);
        let failed = copy(&store(&script, Capabilities::aws()), 7, true).await;
        let words = failed.unwrap_err().to_string();
        assert!(words.contains(says), "{says}: {words}");
    }
}

#[tokio::test]
async fn metadata_that_cannot_be_copied_is_not_lost_without_a_word() {
    let response = Response::builder()
        .header("etag", "\"e\"")
        .header("x-amz-meta-title", b"\xc3\xa4".as_slice());
    let step = Step::Answer(response.body(bytes::Bytes::new()).unwrap());
    let script = Script::new([step]);
    let failed = copy(&store(&script, Capabilities::minio()), 7, true).await;
    assert!(
        matches!(&failed, Err(CallError::Unreadable(words)) if words.contains("x-amz-meta-title")),
        "{failed:?}"
    );
}

#[tokio::test]
async fn an_object_that_is_not_there_is_deleted_already() {
    let script = Script::new([
        answer(204, ""),
        error(404, "NoSuchKey", "gone"),
        error(404, "NoSuchBucket", "which?"),
    ]);
    let store = script.store();
    store.delete_object(NOW, &key()).await.unwrap();
    store.delete_object(NOW, &key()).await.unwrap();
    let other = store.delete_object(NOW, &key()).await;
    assert!(matches!(other, Err(CallError::Refused(words)) if words == "404 NoSuchBucket: which?"));
    let seen = &script.seen()[0];
    assert_eq!(seen.method, "DELETE");
    assert_eq!(seen.path, "/uploads/users/1/%C3%A4%20b%26c.bin");
    assert_eq!(signed_headers(seen), "host");
}

/// The endpoints' futures are boxed as `Send`.
#[test]
fn the_calls_can_be_sent_between_threads() {
    fn sent<T: Send>(_: T) {}
    let store = Script::new([]).store();
    let (key, none) = (key(), BTreeMap::new());
    let source = Source {
        key: &key,
        etag: "e",
    };
    sent(store.copy_object(NOW, source, &key, &none, true));
    sent(store.copy_part(
        NOW,
        source,
        &key,
        PartCopy {
            upload_id: ID,
            number: 1,
            bytes: None,
        },
    ));
    sent(store.stored_with(NOW, source));
    sent(store.delete_object(NOW, &key));
    sent(store.copy(
        || Ok::<Duration, CallError>(NOW),
        Copying {
            source,
            size: 1,
            to: &key,
            headers: &none,
            forbid_overwrite: true,
        },
    ));
}
