//! What the store's failures are to whoever asked. What failed in detail is for the log.

use presign_protocol::{ErrorCode, FileError};

use crate::key::ObjectKey;
use crate::problem::file_error;
use crate::store::CallError;

pub(super) const NO_CREDENTIALS: &str =
    "The server has no credentials for the store just now. Try again later.";

/// `doing` says for the log what the store was asked to.
pub(super) fn refuse(doing: &'static str, key: &ObjectKey, error: &CallError) -> FileError {
    tracing::warn!(%key, %error, "the store did not {doing}");
    match error {
        CallError::NoSuchUpload => gone(),
        CallError::Exists => exists(),
        CallError::ChecksumMismatch(_) => file_error(
            ErrorCode::ChecksumMismatch,
            "The file's checksum is not that of what the store has; the upload has to begin anew.",
        ),
        CallError::Credentials(_) => file_error(ErrorCode::CredentialsUnavailable, NO_CREDENTIALS),
        // The first two are for whoever copies to look into.
        CallError::Unmet
        | CallError::NoSuchObject
        | CallError::Failed(_)
        | CallError::InvalidPart(_)
        | CallError::Refused(_)
        | CallError::Unreadable(_) => failed(),
    }
}

pub(super) fn failed() -> FileError {
    file_error(
        ErrorCode::StoreFailed,
        "The store did not answer, or failed; the server's log says more. Try again later.",
    )
}

fn gone() -> FileError {
    file_error(
        ErrorCode::UploadGone,
        "The store does not know this upload any more, and its object is not there; the upload has to begin anew.",
    )
}

pub(super) fn exists() -> FileError {
    file_error(
        ErrorCode::ObjectExists,
        "The store already has an object of this key, which may not be overwritten.",
    )
}
