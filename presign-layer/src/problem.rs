//! Errors in the protocol's words.

use presign_protocol::{ErrorCode, Extensions, FileError, Problem};

pub(crate) fn problem(code: ErrorCode, detail: impl Into<String>) -> Problem {
    Problem {
        title: code.title().to_owned(),
        status: code.status(),
        code,
        detail: detail.into(),
        extensions: Extensions::default(),
    }
}

pub(crate) fn file_error(code: ErrorCode, message: impl Into<String>) -> FileError {
    FileError {
        code,
        message: message.into(),
        extensions: Extensions::default(),
    }
}

/// Where one file is all that was asked for, its refusal is the whole answer.
pub(crate) fn whole(error: FileError) -> Problem {
    Problem {
        extensions: error.extensions,
        ..problem(error.code, error.message)
    }
}

/// The server's own failure. What failed is for the log, not for strangers.
pub(crate) fn internal(error: &dyn std::fmt::Display) -> Problem {
    tracing::error!(%error, "a request for presigned URLs failed");
    problem(
        ErrorCode::Internal,
        "The server failed; its log says why. Try again later.",
    )
}
