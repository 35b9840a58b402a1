//! What the store answers, and what is made of it.

use std::collections::BTreeMap;

use super::script::{ID, NOW, Script, Step, answer, error, key};
use crate::store::call::{CallError, Completion, ListedPart};

async fn create(step: Step) -> Result<String, CallError> {
    let store = Script::new([step]).store();
    store
        .create_multipart_upload(NOW, &key(), &BTreeMap::new(), None)
        .await
}

async fn list(steps: impl IntoIterator<Item = Step>) -> Result<Vec<ListedPart>, CallError> {
    Script::new(steps).store().list_parts(NOW, &key(), ID).await
}

async fn complete(step: Step) -> Result<String, CallError> {
    let store = Script::new([step]).store();
    store
        .complete_multipart_upload(NOW, &key(), ID, &[], &Completion::default())
        .await
}

fn unreadable<T: std::fmt::Debug>(answer: Result<T, CallError>, says: &str) {
    match answer {
        Err(CallError::Unreadable(words)) => assert!(words.contains(says), "{words}"),
        other => panic!("{says}: {other:?}"),
    }
}

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html>
const AWS_CREATE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<InitiateMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <Bucket>example-bucket</Bucket>
  <Key>example-object</Key>
  <UploadId>VXBsb2FkIElEIGZvciA2aWWpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA</UploadId>
</InitiateMultipartUploadResult>"#;

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListParts.html>
const AWS_LIST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ListPartsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
  <Bucket>example-bucket</Bucket>
  <Key>example-object</Key>
  <UploadId>XXBsb2FkIElEIGZvciBlbHZpbmcncyVcdS1tb3ZpZS5tMnRzEEEwbG9hZA</UploadId>
  <Initiator>
      <ID>arn:aws:iam::111122223333:user/some-user-11116a31-17b5-4fb7-9df5-b288870f11xx</ID>
      <DisplayName>umat-user-11116a31-17b5-4fb7-9df5-b288870f11xx</DisplayName>
  </Initiator>
  <Owner>
    <ID>75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a</ID>
    <DisplayName>someName</DisplayName>
  </Owner>
  <StorageClass>STANDARD</StorageClass>
  <PartNumberMarker>1</PartNumberMarker>
  <NextPartNumberMarker>3</NextPartNumberMarker>
  <MaxParts>2</MaxParts>
  <IsTruncated>true</IsTruncated>
  <Part>
    <PartNumber>2</PartNumber>
    <LastModified>2010-11-10T20:48:34.000Z</LastModified>
    <ETag>"7778aef83f66abc1fa1e8477f296d394"</ETag>
    <Size>10485760</Size>
  </Part>
  <Part>
    <PartNumber>3</PartNumber>
    <LastModified>2010-11-10T20:48:33.000Z</LastModified>
    <ETag>"aaaa18db4cc2f85cedef654fccc4a4x8"</ETag>
    <Size>10485760</Size>
  </Part>
</ListPartsResult>"#;

/// What `MinIO` lists of an upload with a full-object checksum.
const MINIO_LIST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ListPartsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Bucket>lab</Bucket><Key>k</Key><UploadId>Yjc5</UploadId><StorageClass>STANDARD</StorageClass><PartNumberMarker>3</PartNumberMarker><NextPartNumberMarker>0</NextPartNumberMarker><MaxParts>10000</MaxParts><IsTruncated>false</IsTruncated><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType><Part><PartNumber>1</PartNumber><LastModified>2026-11-25T00:49:04.017Z</LastModified><ETag>&#34;79b281060d337b9b2b84ccf390adcf74&#34;</ETag><Size>5242880</Size><ChecksumCRC64NVME>PbvLEkWUSgg=</ChecksumCRC64NVME></Part></ListPartsResult>"#;

/// <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>
const AWS_COMPLETE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<CompleteMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
 <Location>http://Example-Bucket.s3.Region.amazonaws.com/Example-Object</Location>
 <Bucket>Example-Bucket</Bucket>
 <Key>Example-Object</Key>
 <ETag>"3858f62230ac3c915f300c664312c11f-9"</ETag>
</CompleteMultipartUploadResult>"#;

/// Of the same page: sent with the status 200.
const AWS_COMPLETE_FAILED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>

<Error>
 <Code>InternalError</Code>
 <Message>We encountered an internal error. Please try again.</Message>
 <RequestId>656c76696e6727732072657175657374</RequestId>
 <HostId>Uuag1LuByRx9e6j5Onimru9pO4ZVKnJ2Qz7/C1NPcfTWAtRPfTaOFg==</HostId>
</Error>"#;

#[tokio::test]
async fn aws_published_answers_are_read() {
    assert_eq!(
        create(answer(200, AWS_CREATE)).await.unwrap(),
        "VXBsb2FkIElEIGZvciA2aWWpbmcncyBteS1tb3ZpZS5tMnRzIHVwbG9hZA"
    );
    assert_eq!(
        complete(answer(200, AWS_COMPLETE)).await.unwrap(),
        "3858f62230ac3c915f300c664312c11f-9"
    );
    let failed = complete(answer(200, AWS_COMPLETE_FAILED)).await;
    assert!(
        matches!(&failed, Err(CallError::Failed(words))
            if words == "200 InternalError: We encountered an internal error. Please try again."),
        "{failed:?}"
    );
}

#[tokio::test]
async fn parts_are_listed_over_all_pages_in_order_with_their_checksums() {
    let script = Script::new([answer(200, AWS_LIST), answer(200, MINIO_LIST)]);
    let parts = script.store().list_parts(NOW, &key(), ID).await.unwrap();
    let seen: Vec<_> = parts
        .iter()
        .map(|listed| {
            let part = &listed.part;
            (
                part.number,
                part.size,
                part.etag.as_str(),
                listed.checksum.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            (
                1,
                5_242_880,
                "79b281060d337b9b2b84ccf390adcf74",
                Some("PbvLEkWUSgg=")
            ),
            (2, 10_485_760, "7778aef83f66abc1fa1e8477f296d394", None),
            (3, 10_485_760, "aaaa18db4cc2f85cedef654fccc4a4x8", None),
        ]
    );
    let markers: Vec<_> = script
        .seen()
        .iter()
        .map(|seen| seen.query.get("part-number-marker").cloned())
        .collect();
    assert_eq!(markers, [None, Some("3".to_owned())]);
}

fn page(inside: &str) -> Step {
    answer(200, format!("<ListPartsResult>{inside}</ListPartsResult>"))
}

fn part(number: u32) -> String {
    format!("<Part><PartNumber>{number}</PartNumber><ETag>e</ETag><Size>1</Size></Part>")
}

#[tokio::test]
async fn an_upload_without_parts_has_none() {
    assert_eq!(list([page("")]).await.unwrap(), []);
}

#[tokio::test]
async fn the_checksum_is_the_one_of_the_uploads_kind() {
    let inside = "<ChecksumAlgorithm>CRC32</ChecksumAlgorithm><Part><PartNumber>1</PartNumber><ETag>e</ETag><Size>1</Size>\
         <ChecksumCRC64NVME>AAAAAAAAAAA=</ChecksumCRC64NVME><ChecksumCRC32>AAAAAA==</ChecksumCRC32></Part>";
    let parts = list([page(inside)]).await.unwrap();
    assert_eq!(parts[0].checksum.as_deref(), Some("AAAAAA=="));
}

#[tokio::test]
async fn garbled_lists_are_refused() {
    let more = |marker: &str| {
        page(&format!(
            "<IsTruncated>true</IsTruncated><NextPartNumberMarker>{marker}</NextPartNumberMarker>"
        ))
    };
    unreadable(list([page(&(part(1) + &part(1)))]).await, "twice");
    let endless = page(&part(1).repeat(10_001));
    unreadable(list([endless]).await, "too many");
    unreadable(list([page(&part(0))]).await, "part 0");
    unreadable(list([page(&part(10_001))]).await, "part 10001");
    for etag in ["", "\"\"", "a b", "\"a\"b\"", "ä"] {
        let inside =
            format!("<Part><PartNumber>1</PartNumber><ETag>{etag}</ETag><Size>1</Size></Part>");
        unreadable(list([page(&inside)]).await, "ETag");
    }
    for inside in [
        "<Part><PartNumber>1</PartNumber><Size>1</Size></Part>",
        "<Part><PartNumber>one</PartNumber><ETag>e</ETag><Size>1</Size></Part>",
        "<Part><PartNumber>1</PartNumber><ETag>e</ETag><Size>-1</Size></Part>",
        "<IsTruncated>perhaps</IsTruncated>",
    ] {
        unreadable(list([page(inside)]).await, "");
    }
    for marker in ["", "0", "10001", "x"] {
        unreadable(list([more(marker)]).await, "next one begins");
    }
    // A store that sends its pages round in a circle.
    unreadable(list([more("7"), more("7")]).await, "next one begins");
}

#[tokio::test]
async fn what_is_no_answer_of_s3_is_refused() {
    let entities = "<!DOCTYPE r [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\">]>\
         <InitiateMultipartUploadResult><UploadId>&b;</UploadId></InitiateMultipartUploadResult>";
    let deep = "<a>".repeat(1_000_000);
    for (body, says) in [
        ("", "empty"),
        (" \n ", "empty"),
        ("hello", "outside"),
        (
            "<html><body>Welcome</body></html>",
            "expected `InitiateMultipartUploadResult`, got `html`",
        ),
        ("<ListPartsResult/>", "got `ListPartsResult`"),
        (&AWS_CREATE[..AWS_CREATE.len() - 1], ""),
        (&AWS_CREATE[..AWS_CREATE.len() - 32], "breaks off"),
        (&format!("{AWS_CREATE}<a/>"), "two root"),
        (&format!("{AWS_CREATE}a"), "outside"),
        (entities, "document type"),
        (&deep, "deeper"),
        (
            "<InitiateMultipartUploadResult><UploadId>&undeclared;</UploadId></InitiateMultipartUploadResult>",
            "",
        ),
        (
            "<InitiateMultipartUploadResult><UploadId></UploadId></InitiateMultipartUploadResult>",
            "upload ID",
        ),
        (
            "<InitiateMultipartUploadResult><UploadId>a b</UploadId></InitiateMultipartUploadResult>",
            "upload ID",
        ),
        (
            "<InitiateMultipartUploadResult><a></b></InitiateMultipartUploadResult>",
            "",
        ),
        ("<InitiateMultipartUploadResult/>", "UploadId"),
    ] {
        unreadable(create(answer(200, body.to_owned())).await, says);
    }
    unreadable(create(answer(200, vec![b'<', 0xff])).await, "UTF-8");
    unreadable(
        create(answer(200, vec![b' '; 4 * 1024 * 1024 + 1])).await,
        "longer",
    );
}

#[tokio::test]
async fn a_namespace_may_have_a_prefix_and_a_connection_be_kept_alive() {
    let body = format!(
        "\u{feff}{}<?xml version=\"1.0\"?><s:CompleteMultipartUploadResult xmlns:s=\"urn:s3\"><s:ETag>&quot;e&quot;</s:ETag></s:CompleteMultipartUploadResult>\n",
        " \r\n".repeat(100)
    );
    assert_eq!(complete(answer(200, body)).await.unwrap(), "e");
    let failed = complete(answer(200, format!("  \n{AWS_COMPLETE_FAILED}"))).await;
    assert!(matches!(failed, Err(CallError::Failed(_))), "{failed:?}");
}

#[tokio::test]
async fn errors_mean_what_they_say_with_any_status() {
    fn name(error: &CallError) -> &'static str {
        match error {
            CallError::Failed(_) => "failed",
            CallError::NoSuchUpload => "no upload",
            CallError::Exists => "exists",
            CallError::Unmet => "unmet",
            CallError::NoSuchObject => "no object",
            CallError::ChecksumMismatch(_) => "checksum",
            CallError::InvalidPart(_) => "part",
            CallError::Refused(_) => "refused",
            CallError::Unreadable(_) => "unreadable",
            CallError::Credentials(_) => "credentials",
        }
    }
    for (status, code, message, means) in [
        (404, "NoSuchUpload", "", "no upload"),
        (200, "NoSuchUpload", "", "no upload"),
        (404, "NoSuchKey", "", "no object"),
        (412, "PreconditionFailed", "", "exists"),
        (200, "PreconditionFailed", "", "exists"),
        (409, "ConditionalRequestConflict", "", "exists"),
        (409, "OperationAborted", "", "failed"),
        (
            400,
            "BadDigest",
            "The crc64nvme you specified did not match the calculated checksum.",
            "checksum",
        ),
        (
            400,
            "XAmzContentChecksumMismatch",
            "The provided 'x-amz-checksum' header does not match what was computed.",
            "checksum",
        ),
        (400, "InvalidDigest", "Invalid digest", "checksum"),
        (
            400,
            "InvalidRequest",
            "Invalid digest: checksum did not match",
            "checksum",
        ),
        (
            400,
            "InvalidRequest",
            "Checksum Type mismatch occurred, expected checksum Type: crc32, actual checksum Type: null",
            "refused",
        ),
        (400, "InvalidPart", "", "part"),
        (400, "InvalidPartOrder", "", "part"),
        (400, "EntityTooSmall", "", "refused"),
        (400, "RequestTimeout", "", "failed"),
        (500, "InternalError", "", "failed"),
        (503, "SlowDown", "", "failed"),
        (502, "", "", "failed"),
        (429, "TooManyRequests", "", "failed"),
        (501, "NotImplemented", "", "refused"),
        (403, "AccessDenied", "Access Denied", "refused"),
        (404, "NoSuchBucket", "", "refused"),
        (301, "PermanentRedirect", "", "refused"),
        (200, "SomethingNew", "", "refused"),
    ] {
        let answered = complete(error(status, code, message)).await.unwrap_err();
        assert_eq!(name(&answered), means, "{status} {code}: {answered}");
    }
}

#[tokio::test]
async fn an_error_without_s3s_words_goes_by_its_status() {
    for body in ["<html>Bad gateway</html>", "", "<Error><Code>", "nonsense"] {
        let failed = complete(answer(502, body)).await.unwrap_err();
        assert_eq!(
            failed.to_string(),
            "the store did not answer, or failed: 502 without S3's words"
        );
    }
    let exists = complete(answer(412, "")).await;
    assert!(matches!(exists, Err(CallError::Exists)), "{exists:?}");
}

#[tokio::test]
async fn a_stores_words_are_cut_and_hold_no_signed_url() {
    let long = complete(error(403, &"C".repeat(1000), &"m".repeat(100_000))).await;
    assert!(long.unwrap_err().to_string().len() < 700);
    let repeated = "Refused: http://minio:9000/a?X-Amz-Signature=0123";
    let withheld = complete(error(403, "AccessDenied", repeated)).await;
    assert_eq!(
        withheld.unwrap_err().to_string(),
        "the store refused: 403 AccessDenied: [withheld: it holds a signed URL]"
    );
}
