use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

use presign_protocol::DEFAULT_PATH;

use crate::authorize::{Ask, Authorizer, Permit, Refusal};
use crate::core::Core;
use crate::environment::{Clock, Environment, Random, system_clock, system_random};
use crate::mount::Mount;
use crate::policy::{Policy, PolicyError, Rules};
use crate::store::Store;
use crate::{BoxError, PresignLayer, PresignService};

/// A hundred files with names of 10 kB fit.
const DEFAULT_MAX_BODY: usize = 1024 * 1024;

/// Configures a mount; see [`PresignLayer::builder`].
#[must_use]
pub struct Builder {
    store: Store,
    policy: Policy,
    path: String,
    authorizer: Option<Authorizer>,
    clock: Option<Arc<Clock>>,
    random: Option<Arc<Random>>,
    max_body: usize,
}

impl Builder {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            policy: Policy::new(),
            path: DEFAULT_PATH.to_owned(),
            authorizer: None,
            clock: system_clock(),
            random: system_random(),
            max_body: DEFAULT_MAX_BODY,
        }
    }

    /// What may be uploaded, [`Policy::new`] unless given.
    pub fn policy(mut self, policy: Policy) -> Self {
        self.policy = policy;
        self
    }

    /// Where the endpoints are, `/presignedUrl` unless given: an absolute path as it is on the wire, compared with
    /// `request.uri().path()`. Inside a nested router that is the path after the prefix has been stripped. `/` is for
    /// [`build_service`](Self::build_service) alone, below `nest_service`.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = path.into();
        self
    }

    /// Who may upload what: `hook` is asked for each file, all files of a batch at once, and answers with a [`Permit`], which can
    /// narrow the policy, or a [`Refusal`].
    ///
    /// ```
    /// use presign_layer::{Ask, Credentials, Permit, PresignLayer, Refusal, Store};
    ///
    /// /// What your authentication middleware leaves in the request's extensions.
    /// #[derive(Clone)]
    /// struct User { id: u64 }
    ///
    /// # let store = Store::builder("http://127.0.0.1:9000", "uploads").credentials(Credentials::new("id", "secret")).build()?;
    /// let layer = PresignLayer::builder(store)
    ///     .authorize(|ask: Ask| async move {
    ///         let Some(user) = ask.parts.extensions.get::<User>() else {
    ///             return Err(Refusal::unauthenticated("Sign in to upload."));
    ///         };
    ///         Ok(Permit::new().key_prefix(format!("users/{}", user.id)))
    ///     })
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn authorize<H, F>(mut self, hook: H) -> Self
    where
        H: Fn(Ask) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Permit, Refusal>> + Send + 'static,
    {
        self.authorizer = Some(Authorizer::hook(hook));
        self
    }

    /// Anybody who reaches the endpoints may upload whatever the policy allows.
    pub fn public(mut self) -> Self {
        self.authorizer = Some(Authorizer::public());
        self
    }

    /// Where the time comes from, the system's clock unless given. Signatures need it within 15 minutes of the store's.
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// Where random bytes come from, the system unless given: `random` fills the slice. Keys are as unguessable as these.
    pub fn random(
        mut self,
        random: impl Fn(&mut [u8]) -> Result<(), BoxError> + Send + Sync + 'static,
    ) -> Self {
        self.random = Some(Arc::new(random));
        self
    }

    /// Bytes that the body of a request to these endpoints may have, 1 MiB unless given. Files do not pass through here.
    pub fn max_body(mut self, bytes: usize) -> Self {
        self.max_body = bytes;
        self
    }

    /// A layer that answers below its path and passes everything else on.
    ///
    /// # Errors
    ///
    /// [`BuildError`] says what is wrong.
    pub fn build(self) -> Result<PresignLayer, BuildError> {
        let core = self.core()?;
        if core.mount.is_root() {
            return Err(BuildError::LayerAtRoot);
        }
        Ok(PresignLayer::new(core))
    }

    /// The same as a service that stands alone, for `nest_service`, hyper or Lambda; outside its path it answers 404.
    ///
    /// # Errors
    ///
    /// [`BuildError`] says what is wrong.
    pub fn build_service(self) -> Result<PresignService, BuildError> {
        Ok(PresignService::alone(self.core()?))
    }

    fn core(self) -> Result<Arc<Core>, BuildError> {
        let mount = Mount::new(&self.path).map_err(|error| BuildError::Path {
            path: self.path.clone(),
            reason: error.to_string(),
        })?;
        Ok(Arc::new(Core {
            mount,
            store: self.store,
            rules: Rules::check(self.policy)?,
            authorizer: self.authorizer.ok_or(BuildError::NoAuthorization)?,
            environment: Environment {
                clock: self.clock.ok_or(BuildError::NoClock)?,
                random: self.random.ok_or(BuildError::NoRandom)?,
            },
            max_body: self.max_body,
        }))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Builder")
            .field("store", &self.store)
            .field("policy", &self.policy)
            .field("path", &self.path)
            .field("authorizer", &self.authorizer)
            .field("max_body", &self.max_body)
            .finish_non_exhaustive()
    }
}

/// Why a mount cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Nobody said who may upload.
    #[error("nobody said who may upload: call `.authorize(…)`, or `.public()` if everybody may")]
    NoAuthorization,
    /// The policy cannot be kept.
    #[error("the policy cannot be kept: {0}")]
    Policy(PolicyError),
    /// The path cannot be a mount point.
    #[error(
        "`{path}` cannot be the path of the endpoints: {reason}; expected one such as `/presignedUrl`"
    )]
    Path {
        /// What was given.
        path: String,
        /// Why.
        reason: String,
    },
    /// A layer at `/` would answer every request, so nothing would reach the application.
    #[error(
        "a layer at `/` would answer every request: use `build_service()`, or give it a path of its own"
    )]
    LayerAtRoot,
    /// Without the feature `system` there is no clock but a given one.
    #[error("there is no clock: call `.clock(…)`, or enable the feature `system`")]
    NoClock,
    /// Without the feature `system` there is no randomness but a given one.
    #[error("there is no randomness: call `.random(…)`, or enable the feature `system`")]
    NoRandom,
}

/// The message has the reason in it, so the error has no source: whoever prints both would print it twice.
impl From<PolicyError> for BuildError {
    fn from(error: PolicyError) -> Self {
        Self::Policy(error)
    }
}
