//! The few requests that the server itself makes to the store.

use std::collections::BTreeMap;

use presign_protocol::{Crc, StoredPart};

use super::Store;
use crate::key::ObjectKey;

/// Why the store did not do what it was asked to.
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

/// A part that the store lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListedPart {
    pub(crate) part: StoredPart,
    /// The part's own checksum of the upload's kind, where the store keeps one, in base64.
    pub(crate) checksum: Option<String>,
}

/// How an upload becomes an object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Completion {
    pub(crate) forbid_overwrite: bool,
    /// The whole object's checksum, in base64.
    pub(crate) checksum: Option<(Crc, String)>,
}

/// What the store says of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObjectHead {
    pub(crate) size: u64,
    /// Without quotes.
    pub(crate) etag: String,
    pub(crate) content_type: Option<String>,
}

impl Store {
    /// Begins an upload to `key`, with `headers` (content type, metadata and so on, by lower-case name) for its object; `crc` is the checksum
    /// of the whole that Complete will carry. Answers the upload ID.
    pub(crate) async fn create_multipart_upload(
        &self,
        key: &ObjectKey,
        headers: &BTreeMap<String, String>,
        crc: Option<Crc>,
    ) -> Result<String, CallError> {
        let _ = (key, headers, crc);
        Err(CallError::Failed("not there yet".to_owned()))
    }

    /// Every part that the store has of the upload, over all pages, by number.
    pub(crate) async fn list_parts(
        &self,
        key: &ObjectKey,
        upload_id: &str,
    ) -> Result<Vec<ListedPart>, CallError> {
        let _ = (key, upload_id);
        Err(CallError::Failed("not there yet".to_owned()))
    }

    /// Makes the upload's parts an object. Answers its `ETag`, without quotes.
    pub(crate) async fn complete_multipart_upload(
        &self,
        key: &ObjectKey,
        upload_id: &str,
        parts: &[ListedPart],
        completion: &Completion,
    ) -> Result<String, CallError> {
        let _ = (key, upload_id, parts, completion);
        Err(CallError::Failed("not there yet".to_owned()))
    }

    /// Gives the upload up; that there is none (any more) is as good.
    pub(crate) async fn abort_multipart_upload(
        &self,
        key: &ObjectKey,
        upload_id: &str,
    ) -> Result<(), CallError> {
        let _ = (key, upload_id);
        Err(CallError::Failed("not there yet".to_owned()))
    }

    /// What the store has under `key`, if anything.
    pub(crate) async fn head_object(
        &self,
        key: &ObjectKey,
    ) -> Result<Option<ObjectHead>, CallError> {
        let _ = key;
        Err(CallError::Failed("not there yet".to_owned()))
    }
}
