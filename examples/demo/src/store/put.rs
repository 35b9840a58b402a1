//! Storing an object: whole, verified, and not over another one if so asked.

use std::sync::Arc;

use axum::http::StatusCode;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use s3s::dto::{ETagCondition, PutObjectInput, PutObjectOutput, StreamingBlob};
use s3s::{S3, S3Error, S3ErrorCode, S3Request, S3Response, S3Result, s3_error};

use super::algorithm::sums_in;
use super::checksum::Sums;
use super::gate::{Gate, Refused};
use super::objects::Objects;

/// S3's own limit for one PUT, 5 GiB.
const MAX_SIZE: i64 = 5 * 1024 * 1024 * 1024;

impl Objects {
    pub(super) async fn put(
        &self,
        mut request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        let input = &mut request.input;
        check_size(input.content_length)?;
        let may_overwrite = may_overwrite(input.if_none_match.as_ref())?;
        let sums = Sums::declared_by(
            input.content_md5.as_deref(),
            sums_in!(input),
            input.checksum_algorithm.as_ref(),
            request.trailing_headers.clone(),
        )?;
        let body = input.body.take().ok_or_else(|| s3_error!(IncompleteBody))?;

        let (bucket, key) = (input.bucket.clone(), input.key.clone());
        let size = input.content_length;
        let gate = Arc::new(self.gate(&bucket, &key, may_overwrite)?);
        input.key = gate.name().to_owned();
        // Early, so that nobody sends gigabytes to be refused; what counts is the same check at the body's end.
        gate.check()?;
        input.body = Some(StreamingBlob::wrap(through(body, sums, Arc::clone(&gate))));

        // The condition is the gate's now.
        input.if_none_match = None;
        match self.files().put_object(request).await {
            Ok(response) => {
                tracing::info!(bucket, key, size, "stored");
                Ok(response)
            }
            Err(error) => Err(gate.refusal().unwrap_or(error)),
        }
        // Here the gate is dropped and the key free again.
    }
}

/// As `If-None-Match` has it.
///
/// # Errors
///
/// `NotImplemented` for anything but `*`, as AWS answers too.
pub(super) fn may_overwrite(if_none_match: Option<&ETagCondition>) -> S3Result<bool> {
    match if_none_match {
        None => Ok(true),
        Some(ETagCondition::Any) => Ok(false),
        Some(ETagCondition::ETag(_)) => {
            Err(s3_error!(NotImplemented, "If-None-Match can only be `*`"))
        }
    }
}

/// For a body's size, of an object or of a part.
///
/// # Errors
///
/// `MissingContentLength`, `EntityTooLarge`.
pub(super) fn check_size(declared: Option<i64>) -> S3Result<()> {
    match declared {
        None => Err(s3_error!(
            MissingContentLength,
            "You must provide the Content-Length HTTP header."
        )),
        Some(size) if size > MAX_SIZE => Err(s3_error!(
            EntityTooLarge,
            "Your proposed upload exceeds the maximum allowed size of {MAX_SIZE} bytes"
        )),
        Some(_) => Ok(()),
    }
}

/// `body`, which ends only if its bytes are the ones declared and the gate lets them through.
fn through(
    body: StreamingBlob,
    sums: Sums,
    gate: Arc<Gate>,
) -> impl Stream<Item = Result<Bytes, Refused>> + Send + Sync + 'static {
    stream::try_unfold(
        (body, sums, gate),
        |(mut body, mut sums, gate)| async move {
            match body.next().await {
                Some(Ok(bytes)) => {
                    sums.update(&bytes);
                    Ok(Some((bytes, (body, sums, gate))))
                }
                Some(Err(error)) => Err(gate.refuse(broken_off(error))),
                None => {
                    sums.verify().map_err(|error| gate.refuse(error))?;
                    gate.pass().await?;
                    Ok(None)
                }
            }
        },
    )
}

/// Why a body ended before its end. The types of s3s's own reasons are private, so their words have to tell.
pub(super) fn broken_off(source: s3s::StdError) -> S3Error {
    let reason = source.to_string();
    let mut error = if reason.ends_with("Sha256Mismatch") {
        let code = S3ErrorCode::from_bytes(b"XAmzContentSHA256Mismatch");
        let mut error = S3Error::with_message(
            code.unwrap_or(S3ErrorCode::BadDigest),
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        );
        error.set_status_code(StatusCode::BAD_REQUEST);
        error
    } else if reason.ends_with("SignatureMismatch") {
        s3_error!(
            SignatureDoesNotMatch,
            "The signature of a chunk is not the one that was calculated."
        )
    } else {
        s3_error!(
            IncompleteBody,
            "You did not provide the number of bytes specified by the Content-Length HTTP header"
        )
    };
    error.set_source(source);
    error
}
