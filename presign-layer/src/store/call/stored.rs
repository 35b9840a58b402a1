use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use rusty_s3::Method;

use super::copy::{Source, quoted, unmet};
use super::{Call, CallError, succeeded};
use crate::store::Store;

/// What is stored with an object beside its metadata, and may be given to another one as it is.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateMultipartUpload.html>
const STORED: [&str; 6] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
];

const METADATA: &str = "x-amz-meta-";

impl Store {
    /// What a copy by parts has to be told, because no part knows it: the headers that the object is served with, and its metadata.
    ///
    /// # Errors
    ///
    /// [`CallError::Unmet`] where the object is another one by now, [`CallError::NoSuchObject`] where it is gone.
    pub(crate) async fn stored_with(
        &self,
        now: Duration,
        source: Source<'_>,
    ) -> Result<BTreeMap<String, String>, CallError> {
        let call = Call::new("HeadObject", Method::Head, source.key)
            .with_header("if-match", quoted(source.etag));
        self.call(now, call, |answer| {
            // Without a body nothing else says so.
            if answer.status() == http::StatusCode::NOT_FOUND {
                return Err(CallError::NoSuchObject);
            }
            succeeded(answer)?;
            read(answer)
        })
        .await
        .map_err(unmet)
    }
}

fn read(answer: &Response<Bytes>) -> Result<BTreeMap<String, String>, CallError> {
    let mut stored = BTreeMap::new();
    for (name, value) in answer.headers() {
        let name = name.as_str();
        if !STORED.contains(&name) && !name.starts_with(METADATA) {
            continue;
        }
        // Left out, it would be lost without a word.
        let value = value.to_str().map_err(|_| {
            CallError::Unreadable(format!("the object's header {name} is not plain ASCII"))
        })?;
        stored.insert(name.to_owned(), value.to_owned());
    }
    Ok(stored)
}
