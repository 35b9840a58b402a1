use std::fmt;
use std::time::SystemTime;

use super::StoreError;

/// Keys to the store. Their `Debug` shows the access key ID alone.
///
/// They need the right to put objects into the bucket (`s3:PutObject`), and no other unless files go in parts. For these they also need
/// `s3:ListMultipartUploadParts`, `s3:AbortMultipartUpload`, and, to see whether an object is there, `s3:GetObject` and `s3:ListBucket`.
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
        Self::from_variables(|name| std::env::var(name).ok())
    }

    fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Result<Self, StoreError> {
        let read = |name| variable(name).filter(|value| !value.is_empty());
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

    /// Nothing that is signed with an empty part is worth sending.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        for (part, value) in [
            ("access key ID", self.inner.key()),
            ("secret access key", self.inner.secret()),
        ] {
            if value.is_empty() {
                return Err(StoreError::EmptyCredentials { part });
            }
        }
        Ok(())
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

#[cfg(test)]
mod tests {
    use super::Credentials;
    use crate::StoreError;

    fn from(variables: &[(&str, &str)]) -> Result<Credentials, StoreError> {
        Credentials::from_variables(|wanted| {
            let found = variables.iter().find(|(name, _)| *name == wanted);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_environment_is_read_as_aws_names_it() {
        let id = ("AWS_ACCESS_KEY_ID", "id");
        let secret = ("AWS_SECRET_ACCESS_KEY", "secret");
        let lasting = from(&[id, secret]).unwrap();
        let parts = |credentials: &Credentials| {
            let inner = credentials.inner();
            let token = inner.token().map(ToOwned::to_owned);
            (inner.key().to_owned(), inner.secret().to_owned(), token)
        };
        assert_eq!(parts(&lasting), ("id".into(), "secret".into(), None));
        let temporary = from(&[id, secret, ("AWS_SESSION_TOKEN", "token")]).unwrap();
        assert_eq!(
            parts(&temporary),
            ("id".into(), "secret".into(), Some("token".into()))
        );
        // Set but empty is how shells and containers say that there is none.
        let no_token = from(&[id, secret, ("AWS_SESSION_TOKEN", "")]).unwrap();
        assert_eq!(parts(&no_token), parts(&lasting));
    }

    #[test]
    fn a_variable_that_is_missing_or_empty_is_named() {
        for (variables, name) in [
            (vec![("AWS_SECRET_ACCESS_KEY", "s")], "AWS_ACCESS_KEY_ID"),
            (vec![("AWS_ACCESS_KEY_ID", "i")], "AWS_SECRET_ACCESS_KEY"),
            (
                vec![("AWS_ACCESS_KEY_ID", ""), ("AWS_SECRET_ACCESS_KEY", "s")],
                "AWS_ACCESS_KEY_ID",
            ),
        ] {
            let error = from(&variables).err();
            assert_eq!(error, Some(StoreError::MissingVariable { name }));
        }
    }
}
