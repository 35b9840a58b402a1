use alloc::string::String;
use alloc::vec::Vec;

use crate::{Crc, FileError};

/// What `POST P/complete` answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CompleteResponse {
    /// One answer for each upload, in the same order.
    pub results: Vec<CompleteAnswer>,
}

/// An object, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(untagged))]
pub enum CompleteAnswer {
    /// `{"error":{"code":…}}`: this upload is not an object.
    Refused {
        /// Why.
        error: FileError,
    },
    /// The store has the object whole.
    Completed(CompletedUpload),
}

/// An object that the store has whole, as the store itself says.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct CompletedUpload {
    /// The object key: where the object is to stay, whatever key it was sent to.
    pub key: String,
    /// Bytes.
    pub size: u64,
    /// The content type that the object is stored with.
    #[cfg_attr(feature = "serde", serde(rename = "type"))]
    pub content_type: String,
    /// Without quotes.
    pub etag: String,
    /// The checksum of the whole object, where the store has one.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub checksum: Option<ObjectChecksum>,
    /// All of this, the time and whom it was granted to, signed by the server: what a page puts into its own form, so that the application knows
    /// without asking anybody that the object is there. Whoever has it can hand the object in: it is a secret.
    pub receipt: String,
    /// What the application has to say about the object.
    #[cfg(feature = "serde")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<serde_json::Value>,
}

impl core::fmt::Debug for CompletedUpload {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("CompletedUpload")
            .field("key", &self.key)
            .field("size", &self.size)
            .field("content_type", &self.content_type)
            .field("etag", &self.etag)
            .field("checksum", &self.checksum)
            .finish_non_exhaustive()
    }
}

/// The checksum of a whole object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ObjectChecksum {
    /// Which one it is.
    #[cfg_attr(feature = "serde", serde(rename = "crc"))]
    pub crc: Crc,
    /// In base64.
    pub value: String,
}
