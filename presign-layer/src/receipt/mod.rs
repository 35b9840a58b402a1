//! Receipts: what the server saw at the store, signed, so that the application believes a page's word that a file has arrived.

mod claims;
mod error;
mod verifier;

use std::fmt;
use std::time::{Duration, SystemTime};

use presign_protocol::ObjectChecksum;

pub(crate) use claims::{ReceiptClaims, ReceiptKeys};
pub use error::{ReceiptError, ReceiptOf, UnfitObject};
pub use verifier::{DEFAULT_RECEIPT_AGE, ReceiptVerifier};

use crate::sealed::Subject;

/// An object that the store has whole, as a receipt that has been verified says: see [`ReceiptVerifier`].
#[derive(Clone, PartialEq, Eq)]
pub struct Receipt(ReceiptClaims);

impl Receipt {
    /// Of what the server itself saw.
    pub(crate) fn of(claims: ReceiptClaims) -> Self {
        Self(claims)
    }

    /// The upload's ID, a UUID. No other upload has it and all receipts of this one do, so an application that takes an upload only once gives the
    /// column that it is kept in a unique index.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.0.mark
    }

    /// The object's key.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.0.key
    }

    /// The object's bucket.
    #[must_use]
    pub fn bucket(&self) -> &str {
        &self.0.bucket
    }

    /// The object's bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.0.size
    }

    /// The content type that the object is stored with.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.0.content_type
    }

    /// The object's `ETag`, without quotes. Whoever reads the object with `If-Match` knows that nobody has replaced it since, except
    /// at MinIO, which lets who sends an object say its `ETag`.
    #[must_use]
    pub fn etag(&self) -> &str {
        &self.0.etag
    }

    /// The checksum of the whole object, where the store has one.
    #[must_use]
    pub fn checksum(&self) -> Option<&ObjectChecksum> {
        self.0.checksum.as_ref()
    }

    /// When the server saw the object.
    #[must_use]
    pub fn issued_at(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
            .checked_add(Duration::from_secs(self.0.issued_at))
            .unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// Whether it is of `subject`'s upload: what [`Permit::subject`](crate::Permit::subject) named. A receipt knows only a hash of it.
    #[must_use]
    pub fn is_of(&self, subject: &str) -> bool {
        self.0.subject == Some(Subject::new(subject))
    }
}

impl fmt::Debug for Receipt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}
