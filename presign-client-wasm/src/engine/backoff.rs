//! Whether, and when, to try again.

use core::time::Duration;

use crate::sys::{Reply, request, whole};
use crate::{Retry, UploadError};

/// A server that asks to wait for longer is not waited for: the user decides.
const PATIENCE: Duration = Duration::from_mins(2);

/// The attempts at one request.
#[derive(Debug)]
pub(super) struct Backoff {
    retry: Retry,
    /// The number of the attempt that is under way, from 1.
    pub(super) attempt: u32,
}

impl Backoff {
    pub(super) fn new(retry: Retry) -> Self {
        Self { retry, attempt: 1 }
    }

    pub(super) fn is_more_left(&self) -> bool {
        self.attempt < self.retry.attempts
    }

    /// How long to wait before the next attempt after this one failed with `error`; `None` if it was the last.
    pub(super) fn delay(&self, error: &UploadError, random: f64) -> Option<Duration> {
        if !error.is_retryable() || !self.is_more_left() {
            return None;
        }
        self.wait_of(error.retry_after(), random)
    }

    fn wait_of(&self, asked: Option<Duration>, random: f64) -> Option<Duration> {
        let asked = asked.unwrap_or_default();
        let doublings = (self.attempt - 1).min(31);
        let limit = self
            .retry
            .min_delay
            .saturating_mul(1 << doublings)
            .min(self.retry.max_delay);
        let own = Duration::from_millis(whole(limit.as_secs_f64() * 1000.0 * random));
        (asked <= PATIENCE).then(|| own.max(asked))
    }

    /// Waits, and for the network too. The next attempt is under way then.
    pub(super) async fn wait(&mut self, delay: Duration) {
        // It does not fail.
        let _ = Reply::to(&request::wait(delay.as_secs_f64() * 1000.0)).await;
        self.attempt += 1;
    }
}

#[cfg(test)]
mod tests {
    use core::time::Duration;

    use super::Backoff;
    use crate::Retry;

    const RETRY: Retry = Retry {
        attempts: 8,
        min_delay: Duration::from_millis(100),
        max_delay: Duration::from_secs(1),
    };

    fn wait(attempt: u32, random: f64) -> u128 {
        let backoff = Backoff {
            retry: RETRY,
            attempt,
        };
        backoff.wait_of(None, random).unwrap().as_millis()
    }

    #[test]
    fn the_limit_doubles_up_to_the_longest() {
        let limits = [1, 2, 3, 4, 5, 6, 7].map(|attempt| wait(attempt, 1.0));
        assert_eq!(limits, [100, 200, 400, 800, 1000, 1000, 1000]);
        assert_eq!(wait(3, 0.25), 100);
        assert_eq!(wait(3, 0.0), 0);
        assert_eq!(wait(u32::MAX, 1.0), 1000);
    }

    #[test]
    fn the_last_attempt_is_the_last() {
        let mut backoff = Backoff::new(RETRY);
        assert!(backoff.is_more_left());
        backoff.attempt = 8;
        assert!(!backoff.is_more_left());
    }

    #[test]
    fn the_server_is_waited_for_but_not_forever() {
        let asked = |seconds| Backoff::new(RETRY).wait_of(Some(Duration::from_secs(seconds)), 1.0);
        assert_eq!(asked(0), Some(Duration::from_millis(100)));
        assert_eq!(asked(7), Some(Duration::from_secs(7)));
        assert_eq!(asked(3600), None);
    }
}
