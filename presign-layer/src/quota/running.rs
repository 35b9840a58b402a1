use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::{Quota, QuotaError, Reservation};
use crate::BoxError;
use crate::hook::{HookFailure, Hooks};

type Running<E> = Pin<Box<dyn Future<Output = Result<(), E>> + Send>>;

/// The application's [`Quota`], whichever it is, run as all of its code is.
#[derive(Clone)]
pub(crate) struct RunningQuota(Arc<dyn AnyQuota>);

impl RunningQuota {
    pub(crate) fn new(quota: impl Quota) -> Self {
        Self(Arc::new(quota))
    }

    pub(crate) async fn reserve(
        &self,
        hooks: &Hooks,
        upload: Reservation,
    ) -> Result<Result<(), QuotaError>, HookFailure> {
        let quota = Arc::clone(&self.0);
        hooks.run("quota: reserve", || quota.reserve(upload)).await
    }

    pub(crate) async fn commit(
        &self,
        hooks: &Hooks,
        upload: Reservation,
    ) -> Result<Result<(), BoxError>, HookFailure> {
        let quota = Arc::clone(&self.0);
        hooks.run("quota: commit", || quota.commit(upload)).await
    }

    pub(crate) async fn release(
        &self,
        hooks: &Hooks,
        upload: Reservation,
    ) -> Result<Result<(), BoxError>, HookFailure> {
        let quota = Arc::clone(&self.0);
        hooks.run("quota: release", || quota.release(upload)).await
    }
}

impl fmt::Debug for RunningQuota {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("quota")
    }
}

/// [`Quota`] without its types.
trait AnyQuota: Send + Sync {
    fn reserve(self: Arc<Self>, upload: Reservation) -> Running<QuotaError>;
    fn commit(self: Arc<Self>, upload: Reservation) -> Running<BoxError>;
    fn release(self: Arc<Self>, upload: Reservation) -> Running<BoxError>;
}

impl<Q: Quota> AnyQuota for Q {
    fn reserve(self: Arc<Self>, upload: Reservation) -> Running<QuotaError> {
        Box::pin(async move { Q::reserve(&self, upload).await })
    }

    fn commit(self: Arc<Self>, upload: Reservation) -> Running<BoxError> {
        Box::pin(async move { Q::commit(&self, upload).await })
    }

    fn release(self: Arc<Self>, upload: Reservation) -> Running<BoxError> {
        Box::pin(async move { Q::release(&self, upload).await })
    }
}
