use std::ops::Range;
use std::time::Duration;

use rusty_s3::Method;
use serde::Deserialize;

use super::copy::{self, Source, unmet};
use super::{Call, CallError, succeeded, unquoted, xml};
use crate::key::ObjectKey;
use crate::store::Store;

/// A part that is copied from an object.
#[derive(Clone, Debug)]
pub(crate) struct PartCopy<'a> {
    pub(crate) upload_id: &'a str,
    /// From 1.
    pub(crate) number: u16,
    /// Which bytes of the source; all of them where there is none, and there may be none of them.
    pub(crate) bytes: Option<Range<u64>>,
}

#[derive(Deserialize)]
struct CopyPartResult {
    #[serde(rename = "ETag")]
    etag: String,
}

impl Store {
    /// Makes bytes of an object a part of an upload to `to`. Answers the part's `ETag`, without quotes.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html>
    ///
    /// # Errors
    ///
    /// [`CallError::Unmet`] where the source is another one by now, [`CallError::NoSuchObject`] where it is gone.
    pub(crate) async fn copy_part(
        &self,
        now: Duration,
        source: Source<'_>,
        to: &ObjectKey,
        part: PartCopy<'_>,
    ) -> Result<String, CallError> {
        let mut call = Call::new("UploadPartCopy", Method::Put, to)
            .with_query("partNumber", part.number.to_string())
            .with_query("uploadId", part.upload_id);
        call = self.with_source(call, source);
        if let Some(bytes) = part.bytes {
            let last = bytes.end.saturating_sub(1);
            let range = format!("bytes={}-{last}", bytes.start);
            call = call.with_header("x-amz-copy-source-range", range);
        }
        call.timeout = copy::TIMEOUT;
        self.call(now, call, |answer| {
            succeeded(answer)?;
            // The status was sent before the work was done: what counts is what follows.
            let result: CopyPartResult = xml::read(answer.body(), "CopyPartResult")?;
            unquoted(&result.etag)
        })
        .await
        .map_err(unmet)
    }
}
