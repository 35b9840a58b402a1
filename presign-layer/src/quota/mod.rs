//! How much each user may store: the application's books, and what is written into them when.

mod memory;
mod running;

use std::sync::Arc;
use std::time::SystemTime;

use crate::BoxError;
pub use memory::InMemoryQuota;
pub(crate) use running::RunningQuota;

/// Room for the bytes of an upload, in the application's books: what [`Builder::quota`](crate::Builder::quota) takes.
///
#[doc = include_str!("../docs/quotas.md")]
pub trait Quota: Send + Sync + 'static {
    /// Holds room for an upload until [`ends_at`](Reservation::ends_at), unless less is left:
    /// [`QuotaError::exceeded`]. It is asked when the upload is granted, and once more when it is complete, before it is counted: an upload that
    /// still has its room, or has been counted, has it without another look at what is left. One whose room has ended needs it anew.
    ///
    /// Two at once must not both get the last room. Any other error is `internal` to whoever asks, and after one, or
    /// when the call takes longer than [`hook_timeout`](crate::Builder::hook_timeout) and is dropped, no room need be held.
    fn reserve(&self, upload: Reservation) -> impl Future<Output = Result<(), QuotaError>> + Send;

    /// The upload's object is there: its bytes, which may be fewer than were reserved, are counted, and no room is held any more.
    ///
    /// It is asked whenever the upload is completed, which may be often and at once, and counts it **once**: which uploads were counted is to be known until
    /// [`ends_at`](Reservation::ends_at). After an error the client is told that the server failed, and completes the upload again.
    fn commit(&self, upload: Reservation) -> impl Future<Output = Result<(), BoxError>> + Send;

    /// The upload is given up, was not granted after all, or its pending object was refused and deleted: its room ends at [`ends_at`](Reservation::ends_at) unless it does before that, at once where that is
    /// [`now`](Reservation::now). What has been counted stays, and an upload that has no room needs none.
    ///
    /// An error goes into the log alone; the room then ends by itself.
    fn release(&self, upload: Reservation) -> impl Future<Output = Result<(), BoxError>> + Send;
}

impl<Q: Quota> Quota for Arc<Q> {
    async fn reserve(&self, upload: Reservation) -> Result<(), QuotaError> {
        (**self).reserve(upload).await
    }

    async fn commit(&self, upload: Reservation) -> Result<(), BoxError> {
        (**self).commit(upload).await
    }

    async fn release(&self, upload: Reservation) -> Result<(), BoxError> {
        (**self).release(upload).await
    }
}

/// One upload, as a [`Quota`] is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reservation {
    /// The upload, a UUID that no other one has, at this mount or another.
    pub id: String,
    /// Whose it is: what [`Permit::subject`](crate::Permit::subject) says. Empty where the mount is
    /// [`public`](crate::Builder::public): everybody shares what there is.
    pub subject: String,
    /// What the file has by its grant; in a commit, what the object has.
    pub bytes: u64,
    /// The mount's clock.
    pub now: SystemTime,
    /// When room that is held ends by itself. In a commit, when the upload cannot be completed once more.
    pub ends_at: SystemTime,
}

impl Reservation {
    /// For tests of a [`Quota`]: an upload now, which ends when now does.
    #[must_use]
    pub fn new(
        id: impl Into<String>,
        subject: impl Into<String>,
        bytes: u64,
        now: SystemTime,
    ) -> Self {
        Self {
            id: id.into(),
            subject: subject.into(),
            bytes,
            now,
            ends_at: now,
        }
    }
}

/// Why no room is held.
///
/// Any error converts with `?` into one of which the user reads only that the server failed; the log has the rest.
#[derive(Debug)]
pub struct QuotaError(pub(crate) NoRoom);

#[derive(Debug)]
pub(crate) enum NoRoom {
    Exceeded { left: u64 },
    Failed(BoxError),
}

impl QuotaError {
    /// There is not so much room: the file is refused with `quota_exceeded`, and the client is told how many bytes are left.
    #[must_use]
    pub fn exceeded(left: u64) -> Self {
        Self(NoRoom::Exceeded { left })
    }

    /// The bytes that are left, if that is why.
    #[must_use]
    pub fn left(&self) -> Option<u64> {
        match self.0 {
            NoRoom::Exceeded { left } => Some(left),
            NoRoom::Failed(_) => None,
        }
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for QuotaError {
    fn from(error: E) -> Self {
        Self(NoRoom::Failed(Box::new(error)))
    }
}
