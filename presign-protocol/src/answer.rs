use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::{Crc, FileError, PostGrant};

/// What `POST P` answers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct GrantResponse {
    /// One answer for each file asked for, in the same order.
    pub grants: Vec<GrantAnswer>,
}

/// A grant, or why there is none for this file.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(tag = "method", rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Grant {
    /// `"method":"put"`: one PUT of the whole file, and then `POST P/complete` where there is a token.
    Put(PutGrant),
    /// `"method":"post"`: one POST of a form that holds the whole file, and then `POST P/complete` where there is a token.
    Post(PostGrant),
    /// `"method":"multipart"`: one PUT for each part, and then `POST P/complete`.
    Multipart(MultipartGrant),
}

/// A presigned PUT.
///
/// The store refuses a request that does not send every one of [`headers`](Self::headers) with the very value given
/// here. A script in a browser sends them all except `content-length`, which the browser itself sets from the body.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct PutGrant {
    /// The presigned URL. Whoever has it can upload: it is a secret until it expires.
    pub url: String,
    /// Everything that is signed except `host`, by lower-case header name.
    pub headers: BTreeMap<String, String>,
    /// The object key that the file is sent to. Where the server promotes, [`CompletedUpload::key`](crate::CompletedUpload::key) is another one.
    pub key: String,
    /// What `POST P/complete` has to show; absent where the server does not verify what arrives. Whoever has it can complete the upload: it is a
    /// secret.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub token: Option<String>,
    /// Seconds from this answer until the URL expires.
    pub expires_in: u64,
    /// What the client is to prove the bytes with.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Checksums::is_none")
    )]
    pub checksums: Checksums,
}

/// A multipart upload that the store has begun.
///
/// Part `n`, counted from 1, is the bytes from `(n - 1) * partSize` on: `partSize` of them, but for the last part, which has what is left. Each
/// is one PUT without any headers but those that [`checksums`](Self::checksums) asks for.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct MultipartGrant {
    /// The object key that the parts are sent to. Where the server promotes, [`CompletedUpload::key`](crate::CompletedUpload::key) is another one.
    pub key: String,
    /// What every later request about this upload has to show. Whoever has it can continue the upload: it is a secret.
    pub token: String,
    /// Seconds from this answer until the token's end of life.
    pub resumable_for: u64,
    /// Bytes of every part but the last.
    pub part_size: u64,
    /// Parts in all, 1 to 10,000.
    pub part_count: u32,
    /// The presigned URLs of the first parts, in their order; `POST P/parts` has those that follow.
    pub parts: Vec<String>,
    /// Seconds from this answer until the URLs expire.
    pub expires_in: u64,
    /// What the client is to prove the bytes with.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Checksums::is_none")
    )]
    pub checksums: Checksums,
}

impl core::fmt::Debug for MultipartGrant {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("MultipartGrant")
            .field("key", &self.key)
            .field("part_size", &self.part_size)
            .field("part_count", &self.part_count)
            .field("parts", &self.parts.len())
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// What the client is to prove the bytes with, so that the store refuses any others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", default))]
#[non_exhaustive]
pub struct Checksums {
    /// Each PUT carries the header `Content-MD5`: the MD5 of its body, in base64.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "core::ops::Not::not"))]
    pub content_md5: bool,
    /// `POST P/complete` carries this checksum of the whole file. Only of multipart uploads.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub crc: Option<Crc>,
    /// Each part carries its own checksum of that kind too, in the header that [`Crc::header`] names.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "core::ops::Not::not"))]
    #[cfg_attr(
        feature = "schema",
        schemars(
            description = "Each part carries its own checksum of that kind too, in the header `x-amz-checksum-` and its name."
        )
    )]
    pub crc_on_parts: bool,
    /// `POST P/complete` carries the MD5 of the whole file, which the server compares with what the store has. Only of forms, which have no
    /// header for it.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "core::ops::Not::not"))]
    pub md5_at_complete: bool,
}

impl Checksums {
    /// Whether nothing is asked for.
    #[must_use]
    pub fn is_none(&self) -> bool {
        *self == Self::default()
    }
}

/// What `POST P/parts` answers.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct PartsResponse {
    /// The presigned URLs of the parts from the one asked for on, in their order; at least one.
    pub parts: Vec<String>,
    /// Seconds from this answer until they expire.
    pub expires_in: u64,
}

impl core::fmt::Debug for PartsResponse {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("PartsResponse")
            .field("parts", &self.parts.len())
            .field("expires_in", &self.expires_in)
            .finish()
    }
}

/// What `POST P/resume` answers: how far the upload is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct ResumeResponse {
    /// The object key that the file will have.
    pub key: String,
    /// The file's bytes.
    pub size: u64,
    /// Bytes of every part but the last.
    pub part_size: u64,
    /// Parts in all.
    pub part_count: u32,
    /// The parts that the store has whole, by number.
    pub parts: Vec<StoredPart>,
    /// What the client is to prove the bytes with.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Checksums::is_none")
    )]
    pub checksums: Checksums,
}

/// A part that the store has.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct StoredPart {
    /// From 1.
    pub number: u32,
    /// Bytes.
    pub size: u64,
    /// Without quotes. Of most stores it is the MD5 of the part's bytes in hexadecimal digits; empty where the upload is an object already.
    pub etag: String,
}

impl core::fmt::Debug for PutGrant {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("PutGrant")
            .field("url", &"[redacted]")
            .field("headers", &self.headers.keys())
            .field("key", &self.key)
            .field("expires_in", &self.expires_in)
            .field("checksums", &self.checksums)
            .finish_non_exhaustive()
    }
}

/// What `GET P/limits` answers: what a page should know before it asks. The server decides on each file all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// Files of at least this many bytes go in parts; absent where none does.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub multipart_threshold: Option<u64>,
    /// Bytes of a part; those of very large files are larger. Absent where there are none.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub part_size: Option<u64>,
    /// Files of fewer than this many bytes go as a form, by POST; absent where none does.
    #[cfg_attr(
        feature = "serde",
        serde(default, skip_serializing_if = "Option::is_none")
    )]
    pub post_below: Option<u64>,
}
