use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use super::Credentials;
use crate::BoxError;
use crate::hook::Hooks;

type Answer = Pin<Box<dyn Future<Output = Result<Credentials, BoxError>> + Send>>;

/// Where credentials come from when a request needs them.
#[derive(Clone)]
pub(crate) enum Provider {
    Fixed(Credentials),
    Asked(Arc<dyn Fn() -> Answer + Send + Sync>),
}

impl Provider {
    pub(crate) fn asked<P, F, E>(provide: P) -> Self
    where
        P: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<Credentials, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        Self::Asked(Arc::new(move || {
            let asked = provide();
            Box::pin(async move { asked.await.map_err(Into::into) })
        }))
    }

    /// What is asked may panic or hang.
    pub(crate) fn with_hooks(self, hooks: &Hooks) -> Self {
        let Self::Asked(provide) = self else {
            return self;
        };
        let hooks = hooks.clone();
        Self::Asked(Arc::new(move || {
            let (provide, hooks) = (Arc::clone(&provide), hooks.clone());
            Box::pin(async move { hooks.run("credentials_provider", || provide()).await? })
        }))
    }

    pub(crate) async fn credentials(&self) -> Result<Credentials, BoxError> {
        match self {
            Self::Fixed(credentials) => Ok(credentials.clone()),
            Self::Asked(provide) => provide().await,
        }
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fixed(credentials) => credentials.fmt(formatter),
            Self::Asked(_) => formatter.write_str("provider"),
        }
    }
}
