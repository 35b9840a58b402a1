use alloc::collections::BTreeMap;
use alloc::string::String;

use crate::Checksums;

/// A presigned form: the file goes in one POST of `multipart/form-data`, whose fields are these and, after them all, the file as `file`.
///
/// The store refuses a form whose fields are not these very ones, or whose file is larger or smaller than was signed. Such a request needs no CORS preflight.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct PostGrant {
    /// Where the form goes to: the bucket.
    pub url: String,
    /// The form's fields but the file, by name. Whoever has them can upload: they are a secret until they expire.
    pub fields: BTreeMap<String, String>,
    /// The object key that the file is sent to. Where the server promotes, [`CompletedUpload::key`](crate::CompletedUpload::key) is another one.
    pub key: String,
    /// What `POST P/complete` has to show; absent where the server does not verify what arrives. Whoever has it can complete the upload: it is a
    /// secret.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub token: Option<String>,
    /// Seconds from this answer until the form expires.
    pub expires_in: u64,
    /// What the client is to prove the bytes with.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Checksums::is_none")
    )]
    pub checksums: Checksums,
}

impl core::fmt::Debug for PostGrant {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("PostGrant")
            .field("url", &self.url)
            .field("fields", &self.fields.keys())
            .field("key", &self.key)
            .field("expires_in", &self.expires_in)
            .field("checksums", &self.checksums)
            .finish_non_exhaustive()
    }
}
