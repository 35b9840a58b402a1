use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG};
use http::{HeaderName, Response, StatusCode};
use rusty_s3::Method;

use super::{Call, CallError, succeeded, unquoted};
use crate::key::ObjectKey;
use crate::store::Store;

/// The object's metadata that names the upload in parts that made it. Size and `ETag` do not: a file may replace another of its size, and an
/// `ETag` need not be made of the parts' MD5s.
pub(crate) const MARK: &str = "x-amz-meta-presign-upload";

/// What the store says of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObjectHead {
    pub(crate) size: u64,
    /// Without quotes.
    pub(crate) etag: String,
    /// Empty where the object has none.
    pub(crate) content_type: String,
    /// The upload in parts that made it, where it says so.
    pub(crate) mark: Option<String>,
}

impl Store {
    /// What the store has under `key`, if anything. AWS says so only to those who may list the bucket; to others what is not there is
    /// forbidden.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_HeadObject.html>
    pub(crate) async fn head_object(
        &self,
        now: Duration,
        key: &ObjectKey,
    ) -> Result<Option<ObjectHead>, CallError> {
        let call = Call::new(Method::Head, key);
        self.call(now, call, |answer| {
            if answer.status() == StatusCode::NOT_FOUND {
                return Ok(None);
            }
            succeeded(answer)?;
            read(answer).map(Some)
        })
        .await
    }
}

fn read(answer: &Response<Bytes>) -> Result<ObjectHead, CallError> {
    let header = |name: HeaderName| {
        let value = answer.headers().get(name)?;
        value.to_str().ok()
    };
    let size = header(CONTENT_LENGTH).and_then(|length| length.parse().ok());
    Ok(ObjectHead {
        size: size
            .ok_or_else(|| CallError::Unreadable("it does not say the object's size".to_owned()))?,
        etag: unquoted(header(ETAG).unwrap_or_default())?,
        content_type: header(CONTENT_TYPE).unwrap_or_default().to_owned(),
        mark: header(HeaderName::from_static(MARK)).map(ToOwned::to_owned),
    })
}
