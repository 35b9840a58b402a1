//! How long others are waited for: whoever sends a body, and the application's own code.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

#[cfg(feature = "timer")]
use crate::hook::caught;

type Sleeping = Pin<Box<dyn Future<Output = ()> + Send>>;

/// What [`Builder::sleep`](crate::Builder::sleep) was given, or Tokio's timer.
#[derive(Clone)]
pub(crate) struct Timer(Arc<dyn Fn(Duration) -> Sleeping + Send + Sync>);

impl Timer {
    pub(crate) fn given<S, F>(sleep: S) -> Self
    where
        S: Fn(Duration) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        Self(Arc::new(move |duration| Box::pin(sleep(duration))))
    }

    /// Tokio's, where this crate's feature `timer` is on. Outside a Tokio runtime, and in one without timers, nothing is ever too late.
    #[cfg_attr(
        feature = "timer",
        expect(
            clippy::unnecessary_wraps,
            reason = "without the feature there is none"
        )
    )]
    pub(crate) fn tokio() -> Option<Self> {
        #[cfg(feature = "timer")]
        return Some(Self::given(async |duration| {
            // Tokio panics where its runtime is none, or has no timers.
            match caught(|| Box::pin(tokio::time::sleep(duration))) {
                Ok(sleeping) => sleeping.await,
                Err(_) => std::future::pending().await,
            }
        }));
        #[cfg(not(feature = "timer"))]
        None
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Timer")
    }
}

/// The end of somebody's time. The timer is set when they are waited for at all, so whatever is there at once costs nothing.
pub(crate) struct Deadline {
    timer: Timer,
    limit: Duration,
    sleeping: Option<Sleeping>,
}

impl Deadline {
    pub(crate) fn new(timer: &Timer, limit: Duration) -> Self {
        Self {
            timer: timer.clone(),
            limit,
            sleeping: None,
        }
    }

    /// Whether the time is up. Asked while something is waited for, it wakes the task when it is.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.sleeping
            .get_or_insert_with(|| (self.timer.0)(self.limit))
            .as_mut()
            .poll(context)
    }
}
