use http::StatusCode;
use serde::Deserialize;

use super::words::{bounded, chain};
use super::xml;
use crate::BoxError;
use crate::store::client::SendError;

/// Why the store did not do what it was asked to. No words in it hold a signed URL.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CallError {
    /// No answer, or one that says to try again later; it has been tried again already.
    #[error("the store did not answer, or failed: {0}")]
    Failed(String),
    /// There is no such upload (any more).
    #[error("the store knows no such upload")]
    NoSuchUpload,
    /// `if-none-match: *` does not hold: the key is taken.
    #[error("the store already has an object of this key")]
    Exists,
    /// A condition of a copy does not hold: its source is not what was looked at any more, or its key is taken.
    #[error("the store does not copy: the source is another one, or the key is taken")]
    Unmet,
    /// There is no object of this key (any more).
    #[error("the store has no object of this key")]
    NoSuchObject,
    /// The checksum sent is not that of what the store has.
    #[error("the store's checksum is another one: {0}")]
    ChecksumMismatch(String),
    /// A part that was listed is not there, or is another one.
    #[error("the store lacks a part: {0}")]
    InvalidPart(String),
    /// The store refuses: credentials, rights, a setting.
    #[error("the store refused: {0}")]
    Refused(String),
    /// The answer is not one of S3's.
    #[error("the store's answer cannot be read: {0}")]
    Unreadable(String),
    /// There are no credentials to call it with.
    #[error("no credentials for the store: {0}")]
    Credentials(String),
}

impl CallError {
    /// For those who count them.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Failed(_) => "failed",
            Self::NoSuchUpload => "no_such_upload",
            Self::Exists => "object_exists",
            Self::Unmet => "condition_unmet",
            Self::NoSuchObject => "no_such_object",
            Self::ChecksumMismatch(_) => "checksum_mismatch",
            Self::InvalidPart(_) => "invalid_part",
            Self::Refused(_) => "refused",
            Self::Unreadable(_) => "unreadable",
            Self::Credentials(_) => "no_credentials",
        }
    }

    pub(super) fn credentials(error: &BoxError) -> Self {
        Self::Credentials(chain(&**error))
    }

    pub(super) fn no_answer(error: &SendError) -> Self {
        match error {
            SendError::NoAnswer(error) => Self::Failed(chain(&**error)),
            SendError::TooLong => Self::Unreadable(error.to_string()),
        }
    }

    /// What an answer that is not a success means.
    pub(super) fn answered(status: StatusCode, body: &[u8]) -> Self {
        let said = xml::parse::<Said>(body, "Error").unwrap_or_default();
        said.means(status)
    }
}

/// What the store says in `<Error>`, with any status: a Complete that failed late is a 200.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html>
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct Said {
    code: String,
    message: String,
}

impl Said {
    pub(super) fn means(&self, status: StatusCode) -> CallError {
        let words = self.words(status);
        match self.code.as_str() {
            "NoSuchUpload" => CallError::NoSuchUpload,
            "NoSuchKey" => CallError::NoSuchObject,
            // The second: somebody deleted or wrote the same key while the condition was looked at.
            "PreconditionFailed" | "ConditionalRequestConflict" => CallError::Exists,
            "BadDigest" | "InvalidDigest" | "XAmzContentChecksumMismatch" => {
                CallError::ChecksumMismatch(words)
            }
            "InvalidPart" | "InvalidPartOrder" => CallError::InvalidPart(words),
            "InternalError" | "ServiceUnavailable" | "SlowDown" | "RequestTimeout"
            | "OperationAborted" => CallError::Failed(words),
            _ if self.tells_of_another_checksum() => CallError::ChecksumMismatch(words),
            _ => match status.as_u16() {
                412 => CallError::Exists,
                // What is not implemented will not be at the next attempt either.
                501 => CallError::Refused(words),
                408 | 429 | 500..=599 => CallError::Failed(words),
                _ => CallError::Refused(words),
            },
        }
    }

    /// Stores that have no code for it say it in words.
    fn tells_of_another_checksum(&self) -> bool {
        let message = self.message.to_ascii_lowercase();
        message.contains("checksum")
            && ["did not match", "does not match", "mismatch"]
                .iter()
                .any(|words| message.contains(words))
            // The kind of checksum is another one, not its value.
            && !message.contains("type mismatch")
    }

    fn words(&self, status: StatusCode) -> String {
        let status = status.as_u16();
        match (self.code.as_str(), self.message.as_str()) {
            ("", "") => format!("{status} without S3's words"),
            (code, "") => format!("{status} {}", bounded(code)),
            (code, message) => format!("{status} {}: {}", bounded(code), bounded(message)),
        }
    }
}
