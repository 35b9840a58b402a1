use std::time::Duration;

use super::metadata::MetadataError;

/// What is wrong with a [`Policy`](crate::Policy).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PolicyError {
    /// S3 takes no such expiry.
    #[error("a presigned URL lives 1 s to 7 days, in whole seconds, not {given:?}")]
    Expiry {
        /// What was given.
        given: Duration,
    },
    /// No file can be both.
    #[error(
        "a file cannot have at least {min} and at most {max} bytes (one PUT carries at most 5 GiB, parts at most 5 TiB)"
    )]
    Sizes {
        /// The fewest bytes.
        min: u64,
        /// The most bytes.
        max: u64,
    },
    /// S3 takes no such parts.
    #[error("a part has 5 MiB to 5 GiB, not {given} bytes")]
    PartSize {
        /// What was given, in bytes.
        given: u64,
    },
    /// An upload can be continued for another while.
    #[error("an upload can be resumed for 1 minute to 30 days, in whole seconds, not {given:?}")]
    ResumableFor {
        /// What was given.
        given: Duration,
    },
    /// There is no step at which the store could compare the checksum.
    #[error(
        "a full-object checksum is for uploads in parts alone: leave out `full_object_checksum` or `single_put_only`"
    )]
    ChecksumWithoutParts,
    /// Nothing can be sent below it.
    #[error("`{given}` cannot be the prefix of pending objects: {reason}")]
    PendingPrefix {
        /// What was given.
        given: String,
        /// Why.
        reason: String,
    },
    /// Nobody would ever complete what is sent in one request, so it would stay pending.
    #[error("what is not verified cannot be promoted: leave out `pending_prefix` or `unverified`")]
    PendingUnverified,
    /// Nobody would look at what goes in one request.
    #[error(
        "the content of what nobody verifies cannot be checked: leave out `check_content` or `unverified`"
    )]
    ContentUnverified,
    /// One request could ask for no file at all.
    #[error("`max_files` must be at least 1")]
    MaxFiles,
    /// A pattern is neither a type nor a whole type.
    #[error("`{given}` is not a content type such as `image/png` or `image/*`")]
    ContentType {
        /// What was given.
        given: String,
    },
    /// A header cannot be sent as it is signed.
    #[error("the value of `{name}` cannot be signed: {reason}")]
    Header {
        /// The header.
        name: &'static str,
        /// Why.
        reason: String,
    },
    /// Metadata cannot be stored, or is both fixed and left to the client.
    #[error("{reason}")]
    Metadata {
        /// Why.
        reason: String,
    },
}

impl From<MetadataError> for PolicyError {
    fn from(error: MetadataError) -> Self {
        Self::Metadata {
            reason: error.to_string(),
        }
    }
}
