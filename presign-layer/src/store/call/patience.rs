//! How long the store is waited for, and how often it is asked again.

use std::time::Duration;

use super::CallError;
use crate::store::client::Client;

/// Asks until there is an answer that counts: at most three times, and no longer than somebody waits.
#[cfg(feature = "client")]
pub(super) async fn patiently<T, F>(
    client: &Client,
    timeout: Duration,
    attempt: impl Fn() -> F,
) -> Result<T, CallError>
where
    F: Future<Output = Result<T, CallError>>,
{
    use backon::{ExponentialBuilder, Retryable};
    use tokio::time::Instant;

    /// One attempt after one that took all its time. The signature lives longer.
    const AGAIN_WITHIN: Duration = Duration::from_secs(45);

    if !client.is_patient() {
        return attempt().await;
    }
    if tokio::runtime::Handle::try_current().is_err() {
        return Err(CallError::Failed(
            "the client of the feature `client` runs on Tokio alone: give the store another one"
                .to_owned(),
        ));
    }
    let began = Instant::now();
    let timely = || async {
        match tokio::time::timeout(timeout, attempt()).await {
            Ok(answered) => answered,
            Err(_) => Err(CallError::Failed(format!(
                "no answer within {} s",
                timeout.as_secs()
            ))),
        }
    };
    let backoff = ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(200))
        .with_max_delay(Duration::from_secs(2))
        .with_max_times(2)
        .with_jitter();
    timely
        .retry(backoff)
        .when(|error| matches!(error, CallError::Failed(_)) && began.elapsed() < AGAIN_WITHIN)
        .notify(|error, wait| tracing::debug!(%error, ?wait, "the store is asked again"))
        .await
}

/// A client that is given has its own.
#[cfg(not(feature = "client"))]
pub(super) async fn patiently<T, F>(
    _: &Client,
    _: Duration,
    attempt: impl Fn() -> F,
) -> Result<T, CallError>
where
    F: Future<Output = Result<T, CallError>>,
{
    attempt().await
}
