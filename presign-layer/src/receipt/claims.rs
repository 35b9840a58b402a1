use std::fmt;

use presign_protocol::ObjectChecksum;
use serde::{Deserialize, Serialize};

use super::ReceiptError;
use crate::sealed::{Keys, OpenError, Purpose, SealError, ShortKey, Subject};

const VERSION: u8 = 1;

/// What a receipt says. The names on the wire are short because it travels in forms.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(Default))]
pub(crate) struct ReceiptClaims {
    #[serde(rename = "m")]
    pub(crate) mount: String,
    #[serde(rename = "b")]
    pub(crate) bucket: String,
    #[serde(rename = "k")]
    pub(crate) key: String,
    /// What the object has in its metadata, and no other object has.
    #[serde(rename = "i")]
    pub(crate) mark: String,
    #[serde(rename = "s")]
    pub(crate) size: u64,
    #[serde(rename = "t")]
    pub(crate) content_type: String,
    /// Without quotes.
    #[serde(rename = "e")]
    pub(crate) etag: String,
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    pub(crate) checksum: Option<ObjectChecksum>,
    /// Whose upload it was.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub(crate) subject: Option<Subject>,
    /// When the object was seen, in seconds since 1970.
    #[serde(rename = "a")]
    pub(crate) issued_at: u64,
}

impl fmt::Debug for ReceiptClaims {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Receipt")
            .field("bucket", &self.bucket)
            .field("key", &self.key)
            .field("size", &self.size)
            .field("content_type", &self.content_type)
            .field("etag", &self.etag)
            .field("checksum", &self.checksum)
            .finish_non_exhaustive()
    }
}

/// The keys that receipts are sealed with. Empty where a mount gives none out.
#[derive(Clone, Debug, Default)]
pub(crate) struct ReceiptKeys(Keys);

impl ReceiptKeys {
    pub(crate) fn configured(keys: &[Vec<u8>]) -> Result<Self, ShortKey> {
        Keys::configured(Purpose::Receipt, keys).map(Self)
    }

    pub(crate) fn from_secret(secret: &str) -> Result<Self, ShortKey> {
        Keys::from_secret(Purpose::Receipt, secret).map(Self)
    }

    pub(crate) fn seal(&self, claims: &ReceiptClaims) -> Result<String, SealError> {
        self.0.seal(VERSION, claims)
    }

    /// What an authentic receipt says.
    pub(super) fn open(&self, receipt: &str) -> Result<ReceiptClaims, ReceiptError> {
        self.0.open(VERSION, receipt).map_err(|error| match error {
            OpenError::Invalid => ReceiptError::Invalid,
            OpenError::Outdated => ReceiptError::Outdated,
        })
    }
}
