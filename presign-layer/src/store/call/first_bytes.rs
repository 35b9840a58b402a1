use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use http::header::ETAG;
use rusty_s3::Method;

use super::{Call, CallError, succeeded, unquoted};
use crate::key::ObjectKey;
use crate::store::Store;
use crate::store::client::Reading;

/// What the store has now has another `ETag`, or is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Replaced;

impl Store {
    /// The first bytes of the object that has this `ETag`: as many as are wanted, which is at least one and no more than it has. No more are read
    /// even from a store that does not know ranges.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html>
    pub(crate) async fn first_bytes(
        &self,
        now: Duration,
        key: &ObjectKey,
        etag: &str,
        wanted: usize,
    ) -> Result<Result<Bytes, Replaced>, CallError> {
        let mut call = Call::new("GetObject", Method::Get, key)
            .with_header("range", format!("bytes=0-{}", wanted.saturating_sub(1)))
            .with_header("if-match", format!("\"{etag}\""));
        call.reading = Reading::First(wanted);
        self.call(now, call, |answer| {
            if matches!(
                answer.status(),
                StatusCode::NOT_FOUND | StatusCode::PRECONDITION_FAILED
            ) {
                return Ok(Err(Replaced));
            }
            succeeded(answer)?;
            // Not every store looks at the condition.
            let answered = answer
                .headers()
                .get(ETAG)
                .and_then(|etag| etag.to_str().ok());
            if answered
                .map(unquoted)
                .transpose()?
                .is_some_and(|answered| answered != etag)
            {
                return Ok(Err(Replaced));
            }
            if answer.body().len() < wanted {
                return Err(CallError::Unreadable(
                    "it is shorter than the object".to_owned(),
                ));
            }
            Ok(Ok(answer.body().clone()))
        })
        .await
    }
}
