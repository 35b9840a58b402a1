use std::fmt::Write;
use std::time::Duration;

use presign_protocol::Crc;
use quick_xml::escape::escape;
use rusty_s3::Method;
use serde::Deserialize;

use super::{CHECKSUM_TYPE, Call, CallError, ListedPart, algorithm, succeeded, unquoted, xml};
use crate::key::ObjectKey;
use crate::store::Store;

/// The store may assemble an object for minutes before it answers.
const TIMEOUT: Duration = Duration::from_mins(5);

/// How an upload becomes an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Completion {
    pub(crate) forbid_overwrite: bool,
    /// The whole object's checksum, in base64.
    pub(crate) checksum: Option<(Crc, String)>,
}

#[derive(Deserialize)]
struct CompleteMultipartUploadResult {
    #[serde(rename = "ETag")]
    etag: String,
}

impl Store {
    /// Makes the upload's parts an object. Answers its `ETag`, without quotes.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CompleteMultipartUpload.html>
    pub(crate) async fn complete_multipart_upload(
        &self,
        now: Duration,
        key: &ObjectKey,
        upload_id: &str,
        parts: &[ListedPart],
        completion: &Completion,
    ) -> Result<String, CallError> {
        let mut call = Call::new("CompleteMultipartUpload", Method::Post, key)
            .with_query("uploadId", upload_id)
            .with_header("content-type", "application/xml");
        if completion.forbid_overwrite {
            call = call.with_header("if-none-match", "*");
        }
        if let Some((crc, checksum)) = &completion.checksum {
            call = call
                .with_header(crc.header(), checksum)
                .with_header(CHECKSUM_TYPE.0, CHECKSUM_TYPE.1);
        }
        let crc = completion.checksum.as_ref().map(|(crc, _)| *crc);
        call.body = body(parts, crc).into();
        call.timeout = TIMEOUT;
        self.call(now, call, |answer| {
            succeeded(answer)?;
            // The status was sent before the work was done: what counts is what follows.
            let result: CompleteMultipartUploadResult =
                xml::read(answer.body(), "CompleteMultipartUploadResult")?;
            unquoted(&result.etag)
        })
        .await
    }
}

/// The list of parts. `MinIO` wants the parts' checksums in it wherever the whole has one.
fn body(parts: &[ListedPart], crc: Option<Crc>) -> String {
    let mut xml =
        r#"<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">"#.to_owned();
    for ListedPart { part, checksum } in parts {
        xml.push_str("<Part>");
        if let (Some(crc), Some(checksum)) = (crc, checksum) {
            let crc = algorithm(crc);
            let checksum = escape(checksum.as_str());
            // Writing to a string cannot fail.
            let _ = write!(xml, "<Checksum{crc}>{checksum}</Checksum{crc}>");
        }
        let etag = escape(part.etag.as_str());
        let number = part.number;
        let _ = write!(
            xml,
            "<ETag>{etag}</ETag><PartNumber>{number}</PartNumber></Part>"
        );
    }
    xml.push_str("</CompleteMultipartUpload>");
    xml
}
