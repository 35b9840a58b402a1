//! What signing needs from outside: the time and random bytes. Both are given, so that signing itself is pure.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::BoxError;

pub(crate) type Clock = dyn Fn() -> SystemTime + Send + Sync;
pub(crate) type Random = dyn Fn(&mut [u8]) -> Result<(), BoxError> + Send + Sync;

#[derive(Clone)]
pub(crate) struct Environment {
    pub(crate) clock: Arc<Clock>,
    pub(crate) random: Arc<Random>,
}

/// The clock or the source of randomness failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum EnvironmentError {
    #[error("the clock is before 1970")]
    Clock,
    #[error("no random bytes: {0}")]
    Random(BoxError),
}

impl Environment {
    /// Time since 1970.
    pub(crate) fn now(&self) -> Result<Duration, EnvironmentError> {
        (self.clock)()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_err(|_| EnvironmentError::Clock)
    }

    /// A fresh UUIDv7, hyphenated.
    pub(crate) fn unique(&self, now: Duration) -> Result<String, EnvironmentError> {
        let mut random = [0; 10];
        (self.random)(&mut random).map_err(EnvironmentError::Random)?;
        let millis = u64::try_from(now.as_millis()).map_err(|_| EnvironmentError::Clock)?;
        let uuid = uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid();
        Ok(uuid.hyphenated().to_string())
    }
}

impl fmt::Debug for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Environment")
    }
}

/// The system's clock, where this crate's feature `system` is on.
#[cfg_attr(
    feature = "system",
    expect(
        clippy::unnecessary_wraps,
        reason = "without the feature there is none"
    )
)]
pub(crate) fn system_clock() -> Option<Arc<Clock>> {
    #[cfg(feature = "system")]
    return Some(Arc::new(SystemTime::now));
    #[cfg(not(feature = "system"))]
    None
}

/// The system's randomness, where this crate's feature `system` is on.
#[cfg_attr(
    feature = "system",
    expect(
        clippy::unnecessary_wraps,
        reason = "without the feature there is none"
    )
)]
pub(crate) fn system_random() -> Option<Arc<Random>> {
    #[cfg(feature = "system")]
    return Some(Arc::new(|bytes| Ok(getrandom::fill(bytes)?)));
    #[cfg(not(feature = "system"))]
    None
}
