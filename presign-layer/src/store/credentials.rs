use std::fmt;
use std::time::SystemTime;

use super::StoreError;

/// Keys to the store. Their `Debug` shows the access key ID alone.
///
/// They need the right to put objects into the bucket, and no other.
#[derive(Clone)]
#[must_use]
pub struct Credentials {
    inner: rusty_s3::Credentials,
    expires_at: Option<SystemTime>,
}

impl Credentials {
    /// Long-lived keys.
    pub fn new(access_key_id: impl Into<String>, secret_access_key: impl Into<String>) -> Self {
        Self {
            inner: rusty_s3::Credentials::new(access_key_id, secret_access_key),
            expires_at: None,
        }
    }

    /// The session token that belongs to temporary keys.
    pub fn with_session_token(self, token: impl Into<String>) -> Self {
        Self {
            inner: rusty_s3::Credentials::new_with_token(
                self.inner.key(),
                self.inner.secret(),
                token,
            ),
            ..self
        }
    }

    /// When temporary keys end. A presigned URL dies with the keys that signed it, so none is promised to live longer.
    pub fn with_expiry(self, expires_at: SystemTime) -> Self {
        Self {
            expires_at: Some(expires_at),
            ..self
        }
    }

    /// From `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and, if it is there, `AWS_SESSION_TOKEN`.
    ///
    /// # Errors
    ///
    /// [`StoreError::MissingVariable`] names the variable that is unset, empty or not Unicode.
    pub fn from_env() -> Result<Self, StoreError> {
        let read = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let demand = |name| read(name).ok_or(StoreError::MissingVariable { name });
        let credentials = Self::new(
            demand("AWS_ACCESS_KEY_ID")?,
            demand("AWS_SECRET_ACCESS_KEY")?,
        );
        Ok(match read("AWS_SESSION_TOKEN") {
            Some(token) => credentials.with_session_token(token),
            None => credentials,
        })
    }

    pub(crate) fn inner(&self) -> &rusty_s3::Credentials {
        &self.inner
    }

    pub(crate) fn expires_at(&self) -> Option<SystemTime> {
        self.expires_at
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Credentials")
            .field("access_key_id", &self.inner.key())
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}
