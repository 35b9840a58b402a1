use std::fmt;
use std::ops::RangeInclusive;
use std::time::Duration;

use presign_protocol::Checksums;
use serde::{Deserialize, Serialize};

use super::{Elsewhere, TokenError};
use crate::sealed::Subject;

/// Bytes of a file's name that a token keeps. It is for the application's hook alone: the object has its name in its key.
const MAX_NAME_BYTES: usize = 255;

/// What a token says of its upload. The names on the wire are short because every request carries them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Default))]
pub(crate) struct Claims {
    #[serde(rename = "m")]
    pub(crate) mount: String,
    #[serde(rename = "b")]
    pub(crate) bucket: String,
    /// Where the bytes are sent to.
    #[serde(rename = "k")]
    pub(crate) key: String,
    /// Where the object is to stay, if that is elsewhere.
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    pub(crate) final_key: Option<String>,
    #[serde(rename = "w")]
    pub(crate) way: ClaimedWay,
    /// What its object will have in its metadata, and no other object has.
    #[serde(rename = "i")]
    pub(crate) mark: String,
    #[serde(rename = "n")]
    pub(crate) name: String,
    /// As the browser said it: empty where it does not know.
    #[serde(rename = "t")]
    pub(crate) content_type: String,
    /// The file's bytes.
    #[serde(rename = "s")]
    pub(crate) size: u64,
    #[serde(rename = "o")]
    pub(crate) overwrite: bool,
    #[serde(rename = "c")]
    pub(crate) checksums: Checksums,
    /// Who the token is for; anybody the application lets where there is none.
    #[serde(rename = "f")]
    pub(crate) subject: Option<Subject>,
    /// The end of its life, in seconds since 1970.
    #[serde(rename = "e")]
    pub(crate) ends_at: u64,
}

/// How the bytes get to the store.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Default))]
pub(crate) enum ClaimedWay {
    /// In one PUT.
    #[serde(rename = "u")]
    #[cfg_attr(test, default)]
    Put,
    /// As a form.
    #[serde(rename = "f")]
    Post {
        /// The fewest bytes that the form takes; the file's size is the most.
        #[serde(rename = "l")]
        least: u64,
    },
    /// In parts.
    #[serde(rename = "p")]
    Parts {
        #[serde(rename = "u")]
        upload_id: String,
        /// Bytes of every part but the last.
        #[serde(rename = "p")]
        part_size: u64,
    },
}

impl Claims {
    /// Whether the token is of use at this mount, for this bucket and now (since 1970).
    pub(crate) fn check(&self, mount: &str, bucket: &str, now: Duration) -> Result<(), TokenError> {
        if self.mount != mount {
            return Err(TokenError::Foreign(Elsewhere::Mount));
        }
        if self.bucket != bucket {
            return Err(TokenError::Foreign(Elsewhere::Bucket));
        }
        if now >= Duration::from_secs(self.ends_at) {
            return Err(TokenError::Expired);
        }
        Ok(())
    }

    /// The bytes that the object may have.
    pub(crate) fn sizes(&self) -> RangeInclusive<u64> {
        match self.way {
            ClaimedWay::Post { least } => least..=self.size,
            ClaimedWay::Put | ClaimedWay::Parts { .. } => self.size..=self.size,
        }
    }

    pub(crate) fn check_subject(&self, subject: Option<&str>) -> Result<(), TokenError> {
        if self.subject == subject.map(Subject::new) {
            return Ok(());
        }
        Err(TokenError::Foreign(Elsewhere::Subject))
    }
}

/// As much of a file's name as a token keeps.
pub(crate) fn kept_name(name: &str) -> &str {
    &name[..name.floor_char_boundary(MAX_NAME_BYTES)]
}

/// Neither the upload ID nor the subject is shown.
impl fmt::Debug for Claims {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Claims")
            .field("key", &self.key)
            .field("size", &self.size)
            .field("way", &self.way)
            .finish_non_exhaustive()
    }
}

/// Nor here.
impl fmt::Debug for ClaimedWay {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Put => formatter.write_str("Put"),
            Self::Post { least } => write!(formatter, "Post of {least} bytes or more"),
            Self::Parts { part_size, .. } => write!(formatter, "Parts of {part_size} bytes"),
        }
    }
}
