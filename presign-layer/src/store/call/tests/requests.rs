//! What is asked of the store.

use std::collections::BTreeMap;

use http::Response;
use presign_protocol::{Crc, ObjectChecksum, StoredPart};

use super::script::{ID, NOW, Script, Seen, Step, answer, error, key};
use crate::store::call::{CallError, Completion, ListedPart, ObjectHead};

const CREATED: &str = "<InitiateMultipartUploadResult><UploadId>VXBsb2FkIElE</UploadId></InitiateMultipartUploadResult>";
const COMPLETED: &str =
    "<CompleteMultipartUploadResult><ETag>\"e-2\"</ETag></CompleteMultipartUploadResult>";

fn signed_headers(seen: &Seen) -> &str {
    &seen.query["X-Amz-SignedHeaders"]
}

#[tokio::test]
async fn a_call_goes_to_the_stores_own_endpoint_signed_for_a_quarter_of_an_hour() {
    let script = Script::new([answer(204, "")]);
    let store = script.store();
    store
        .abort_multipart_upload(NOW, &key(), "an+ID/=")
        .await
        .unwrap();
    let seen = &script.seen()[0];
    assert_eq!(seen.method, "DELETE");
    assert_eq!(seen.host, "minio:9000");
    assert_eq!(seen.path, "/uploads/users/1/%C3%A4%20b%26c.bin");
    assert_eq!(seen.query["uploadId"], "an+ID/=");
    assert_eq!(seen.query["X-Amz-Expires"], "900");
    assert_eq!(seen.query["X-Amz-Date"], "20130524T000000Z");
    assert_eq!(seen.query["X-Amz-Security-Token"], "the-token");
    assert_eq!(signed_headers(seen), "host");
}

/// rusty-s3 signs the same request by itself, and checks that against AWS's published signatures.
#[tokio::test]
async fn the_signature_is_the_one_of_rusty_s3s_own_action() {
    use rusty_s3::S3Action;
    use rusty_s3::actions::AbortMultipartUpload;

    let script = Script::new([answer(204, "")]);
    let (store, key) = (script.store(), key());
    store.abort_multipart_upload(NOW, &key, ID).await.unwrap();
    let credentials = store.credentials().await.unwrap();
    let keys = Some(credentials.inner());
    let action = AbortMultipartUpload::new(&store.own, keys, key.as_str(), ID);
    let time = crate::store::SigningTime::new(NOW).unwrap();
    let url = action.sign_with_time(super::super::URL_LIFE, &time.timestamp());
    let (_, signature) = url
        .query_pairs()
        .find(|(name, _)| name == "X-Amz-Signature")
        .unwrap();
    assert_eq!(script.seen()[0].query["X-Amz-Signature"], signature);
}

#[tokio::test]
async fn an_upload_begins_with_its_objects_headers_and_the_kind_of_checksum() {
    for (crc, named) in [
        (Crc::Crc64Nvme, "CRC64NVME"),
        (Crc::Crc32C, "CRC32C"),
        (Crc::Crc32, "CRC32"),
    ] {
        let script = Script::new([answer(200, CREATED)]);
        let headers = BTreeMap::from([
            ("content-type".to_owned(), "image/png".to_owned()),
            ("x-amz-meta-title".to_owned(), "a title".to_owned()),
        ]);
        let id = script
            .store()
            .create_multipart_upload(NOW, &key(), &headers, Some(crc))
            .await;
        assert_eq!(id.unwrap(), ID);
        let seen = &script.seen()[0];
        assert_eq!(seen.method, "POST");
        assert_eq!(seen.query["uploads"], "");
        for (name, value) in [
            ("content-type", "image/png"),
            ("x-amz-meta-title", "a title"),
            ("x-amz-checksum-algorithm", named),
            ("x-amz-checksum-type", "FULL_OBJECT"),
        ] {
            assert_eq!(seen.headers[name], value);
        }
        assert_eq!(
            signed_headers(seen),
            "content-type;host;x-amz-checksum-algorithm;x-amz-checksum-type;x-amz-meta-title"
        );
    }
}

#[tokio::test]
async fn an_upload_without_a_checksum_names_none() {
    let script = Script::new([answer(200, CREATED)]);
    let (store, key, none) = (script.store(), key(), BTreeMap::new());
    let created = store.create_multipart_upload(NOW, &key, &none, None);
    created.await.unwrap();
    assert_eq!(signed_headers(&script.seen()[0]), "host");
}

fn listed(number: u32, etag: &str, checksum: Option<&str>) -> ListedPart {
    ListedPart {
        part: StoredPart {
            number,
            size: 5,
            etag: etag.to_owned(),
        },
        checksum: checksum.map(ToOwned::to_owned),
    }
}

#[tokio::test]
async fn an_upload_ends_with_its_parts_the_checksum_and_the_condition() {
    let script = Script::new([answer(200, COMPLETED), answer(200, COMPLETED)]);
    let (store, key) = (script.store(), key());
    let parts = [
        listed(1, "a<&>", Some("AAAAAAAAAAA=")),
        listed(3, "b", None),
    ];
    let checked = Completion {
        forbid_overwrite: true,
        checksum: Some((Crc::Crc64Nvme, "ZwXtYeN453o=".to_owned())),
    };
    for completion in [&checked, &Completion::default()] {
        let completed = store.complete_multipart_upload(NOW, &key, ID, &parts, completion);
        assert_eq!(completed.await.unwrap(), "e-2");
    }
    let [with, without] = &script.seen()[..] else {
        panic!("two requests")
    };
    assert_eq!(with.method, "POST");
    assert_eq!(with.query["uploadId"], ID);
    assert_eq!(with.headers["if-none-match"], "*");
    assert_eq!(with.headers["x-amz-checksum-crc64nvme"], "ZwXtYeN453o=");
    assert_eq!(with.headers["x-amz-checksum-type"], "FULL_OBJECT");
    assert_eq!(
        signed_headers(with),
        "content-type;host;if-none-match;x-amz-checksum-crc64nvme;x-amz-checksum-type"
    );
    assert_eq!(
        with.body,
        "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <Part><ChecksumCRC64NVME>AAAAAAAAAAA=</ChecksumCRC64NVME><ETag>a&lt;&amp;&gt;</ETag><PartNumber>1</PartNumber></Part>\
         <Part><ETag>b</ETag><PartNumber>3</PartNumber></Part></CompleteMultipartUpload>"
    );
    assert_eq!(signed_headers(without), "content-type;host");
    assert!(!without.body.contains("Checksum"), "{}", without.body);
}

#[tokio::test]
async fn an_upload_that_is_not_there_is_given_up_already() {
    let script = Script::new([
        error(404, "NoSuchUpload", "gone"),
        error(404, "NoSuchBucket", "which?"),
    ]);
    let store = script.store();
    assert!(store.abort_multipart_upload(NOW, &key(), ID).await.is_ok());
    let other = store.abort_multipart_upload(NOW, &key(), ID).await;
    assert!(matches!(other, Err(CallError::Refused(words)) if words == "404 NoSuchBucket: which?"));
}

#[tokio::test]
async fn an_object_is_seen_by_its_head() {
    let head = |length: &str, etag: &str| {
        let response = Response::builder()
            .header("content-length", length)
            .header("etag", etag)
            .header("content-type", "image/png")
            .header("x-amz-checksum-crc32", "y/Q5Jg==")
            .header("x-amz-checksum-type", "FULL_OBJECT")
            .header("x-amz-meta-presign-upload", "an upload");
        Step::Answer(response.body(bytes::Bytes::new()).unwrap())
    };
    let script = Script::new([
        head("5244880", "\"6f0c-2\""),
        answer(404, ""),
        answer(403, ""),
        head("many", "\"e\""),
        head("1", ""),
    ]);
    let store = script.store();
    let found = store.head_object(NOW, &key()).await.unwrap();
    assert_eq!(
        found,
        Some(ObjectHead {
            size: 5_244_880,
            etag: "6f0c-2".to_owned(),
            etag_may_be_md5: true,
            content_type: "image/png".to_owned(),
            checksum: Some(ObjectChecksum {
                crc: Crc::Crc32,
                value: "y/Q5Jg==".to_owned(),
            }),
            mark: Some("an upload".to_owned()),
        })
    );
    let seen = &script.seen()[0];
    assert_eq!(seen.method, "HEAD");
    assert_eq!(seen.headers["x-amz-checksum-mode"], "ENABLED");
    assert_eq!(signed_headers(seen), "host;x-amz-checksum-mode");
    assert_eq!(store.head_object(NOW, &key()).await.unwrap(), None);
    let forbidden = store.head_object(NOW, &key()).await.unwrap_err();
    assert_eq!(
        forbidden.to_string(),
        "the store refused: 403 without S3's words"
    );
    for _ in 0..2 {
        let unreadable = store.head_object(NOW, &key()).await;
        assert!(matches!(unreadable, Err(CallError::Unreadable(_))));
    }
}

/// A checksum of the parts' checksums is no checksum of the file, and what is no base64 is none at all.
#[tokio::test]
async fn only_a_checksum_of_the_whole_is_told() {
    let head = |name: &str, value: &str, kind: Option<&str>| {
        let response = Response::builder()
            .header("content-length", "1")
            .header("etag", "\"e\"")
            .header(name, value);
        let response = match kind {
            Some(kind) => response.header("x-amz-checksum-type", kind),
            None => response,
        };
        Step::Answer(response.body(bytes::Bytes::new()).unwrap())
    };
    let crc64 = "x-amz-checksum-crc64nvme";
    let script = Script::new([
        head(crc64, "rosUhgp5mIg=", None),
        head(crc64, "rosUhgp5mIg=-2", None),
        head("x-amz-checksum-crc32c", "4waSgw==", Some("COMPOSITE")),
        head(crc64, "", None),
    ]);
    let store = script.store();
    let key = key();
    let mut told = Vec::new();
    for _ in 0..4 {
        let head = store.head_object(NOW, &key).await.unwrap().unwrap();
        told.push(head.checksum.map(|checksum| checksum.crc));
    }
    assert_eq!(told, [Some(Crc::Crc64Nvme), None, None, None]);
}

/// The endpoints' futures are boxed as `Send`.
#[test]
fn the_calls_can_be_sent_between_threads() {
    fn sent<T: Send>(_: T) {}
    let store = Script::new([]).store();
    let (key, none) = (key(), BTreeMap::new());
    sent(store.create_multipart_upload(NOW, &key, &none, None));
    sent(store.list_parts(NOW, &key, ID));
    sent(store.complete_multipart_upload(NOW, &key, ID, &[], &Completion::default()));
    sent(store.abort_multipart_upload(NOW, &key, ID));
    sent(store.head_object(NOW, &key));
}
