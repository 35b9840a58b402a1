use std::collections::BTreeMap;
use std::time::Duration;

use presign_protocol::Crc;
use rusty_s3::Method;
use serde::Deserialize;

use super::{CHECKSUM_TYPE, Call, CallError, algorithm, succeeded, xml};
use crate::key::ObjectKey;
use crate::store::Store;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InitiateMultipartUploadResult {
    upload_id: String,
}

impl Store {
    /// Begins an upload to `key`, with `headers` (content type, metadata and so on, by lower-case name) for its object; `crc` is the checksum
    /// of the whole that Complete will carry. Answers the upload ID. `now` is the time since 1970, here and in the other calls.
    ///
    /// If an answer gets lost, the upload that it told of stays behind, until the bucket's lifecycle rule removes it.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html>
    pub(crate) async fn create_multipart_upload(
        &self,
        now: Duration,
        key: &ObjectKey,
        headers: &BTreeMap<String, String>,
        crc: Option<Crc>,
    ) -> Result<String, CallError> {
        let mut call =
            Call::new("CreateMultipartUpload", Method::Post, key).with_query("uploads", "");
        call.headers.clone_from(headers);
        if let Some(crc) = crc {
            call = call
                .with_header("x-amz-checksum-algorithm", algorithm(crc))
                .with_header(CHECKSUM_TYPE.0, CHECKSUM_TYPE.1);
        }
        let result: InitiateMultipartUploadResult = self
            .call(now, call, |answer| {
                succeeded(answer)?;
                xml::read(answer.body(), "InitiateMultipartUploadResult")
            })
            .await?;
        // It goes into a token and into every part's URL.
        let id = result.upload_id;
        if id.is_empty() || id.len() > 1024 || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(CallError::Unreadable(
                "the upload ID is empty or garbled".to_owned(),
            ));
        }
        Ok(id)
    }
}
