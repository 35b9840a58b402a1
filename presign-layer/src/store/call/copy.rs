use std::collections::BTreeMap;
use std::time::Duration;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rusty_s3::Method;
use serde::Deserialize;

use super::{Call, CallError, succeeded, unquoted, xml};
use crate::key::ObjectKey;
use crate::store::Store;

/// The store may copy for minutes before it answers.
pub(super) const TIMEOUT: Duration = Duration::from_mins(5);

/// What a copy source is written in. Some stores read it as a query, where `+` would be a space.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// An object as it was when it was looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    pub(crate) key: &'a ObjectKey,
    /// Without quotes. What has another one by now is not copied.
    pub(crate) etag: &'a str,
}

#[derive(Deserialize)]
struct CopyObjectResult {
    #[serde(rename = "ETag")]
    etag: String,
}

impl Store {
    /// Copies an object of at most 5 GiB with its content type, metadata and the like; `headers` are what a copy does not take with it, such
    /// as the storage class. `forbid_overwrite` is for stores that have [`conditional_copy`](crate::Capabilities::conditional_copy) alone.
    /// Answers the new object's `ETag`, without quotes.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>
    ///
    /// # Errors
    ///
    /// [`CallError::Unmet`] where the source is another one by now or the key is taken, [`CallError::NoSuchObject`] where the source is gone.
    pub(crate) async fn copy_object(
        &self,
        now: Duration,
        source: Source<'_>,
        to: &ObjectKey,
        headers: &BTreeMap<String, String>,
        forbid_overwrite: bool,
    ) -> Result<String, CallError> {
        let mut call = Call::new("CopyObject", Method::Put, to);
        call.headers.clone_from(headers);
        call = self
            .with_source(call, source)
            .with_header("x-amz-metadata-directive", "COPY");
        if forbid_overwrite {
            call = call.with_header("if-none-match", "*");
        }
        call.timeout = TIMEOUT;
        self.call(now, call, |answer| {
            succeeded(answer)?;
            // The status was sent before the work was done: what counts is what follows.
            let result: CopyObjectResult = xml::read(answer.body(), "CopyObjectResult")?;
            unquoted(&result.etag)
        })
        .await
        .map_err(unmet)
    }

    pub(super) fn with_source<'a>(&self, call: Call<'a>, source: Source<'_>) -> Call<'a> {
        let key = utf8_percent_encode(source.key.as_str(), ENCODED);
        call.with_header("x-amz-copy-source", format!("{}/{key}", self.bucket_name()))
            .with_header("x-amz-copy-source-if-match", quoted(source.etag))
    }
}

pub(super) fn quoted(etag: &str) -> String {
    format!("\"{etag}\"")
}

/// Of a copy, a condition that does not hold may be either one.
pub(super) fn unmet(error: CallError) -> CallError {
    match error {
        CallError::Exists => CallError::Unmet,
        error => error,
    }
}
