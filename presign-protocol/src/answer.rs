use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::FileError;

/// What `POST P` answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct GrantResponse {
    /// One answer for each file asked for, in the same order.
    pub grants: Vec<GrantAnswer>,
}

/// A grant, or why there is none for this file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(untagged))]
pub enum GrantAnswer {
    /// `{"error":{"code":…}}`: this file may not be uploaded.
    Refused {
        /// Why.
        error: FileError,
    },
    /// How to upload this file.
    Granted(Grant),
}

/// How to upload one file. `method` tells the kinds apart.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(tag = "method", rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Grant {
    /// `"method":"put"`: one PUT of the whole file.
    Put(PutGrant),
}

/// A presigned PUT.
///
/// The store refuses a request that does not send every one of [`headers`](Self::headers) with the very value given
/// here. A script in a browser sends them all except `content-length`, which the browser itself sets from the body.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct PutGrant {
    /// The presigned URL. Whoever has it can upload: it is a secret until it expires.
    pub url: String,
    /// Everything that is signed except `host`, by lower-case header name.
    pub headers: BTreeMap<String, String>,
    /// The object key that the file will have.
    pub key: String,
    /// Seconds from this answer until the URL expires.
    pub expires_in: u64,
}

impl core::fmt::Debug for PutGrant {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("PutGrant")
            .field("url", &"[redacted]")
            .field("headers", &self.headers.keys())
            .field("key", &self.key)
            .field("expires_in", &self.expires_in)
            .finish()
    }
}

/// What `GET P/limits` answers: what a page should know before it asks. The server decides on each file all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Limits {
    /// The fewest bytes that a file may have.
    pub min_size: u64,
    /// The most bytes that a file may have.
    pub max_size: u64,
    /// Content types that are allowed, exact (`image/png`) or whole (`image/*`); absent when any is.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub types: Option<Vec<String>>,
    /// Files that one request may ask for.
    pub max_files: usize,
    /// Names of the metadata that a client may set.
    pub metadata: Vec<String>,
    /// Seconds that a presigned URL lives.
    pub expires_in: u64,
}
