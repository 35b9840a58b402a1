use std::time::Duration;

use super::Store;

impl Store {
    /// Lets the store have `duration` before it is asked again. Only the client of the feature `client` brings a timer; with another one the
    /// next request itself is all the pause there is.
    #[cfg(feature = "client")]
    pub(crate) async fn pause(&self, duration: Duration) {
        let has_timer = self.client.as_ref().is_ok_and(super::Client::is_patient)
            && tokio::runtime::Handle::try_current().is_ok();
        if has_timer {
            tokio::time::sleep(duration).await;
        }
    }

    #[cfg(not(feature = "client"))]
    #[expect(clippy::unused_async, reason = "with the feature it waits")]
    pub(crate) async fn pause(&self, _: Duration) {}
}
