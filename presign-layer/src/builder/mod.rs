mod error;

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use presign_protocol::{DEFAULT_PATH, MAX_PARTS};
use serde::Serialize;

use crate::authorize::{Ask, Authorizer, Permit, Refusal};
use crate::completed::{Completed, OnComplete};
use crate::core::Core;
use crate::environment::{Clock, Environment, Random, system_clock, system_random};
use crate::hook::Hooks;
use crate::mount::Mount;
use crate::one_by_one::OneByOne;
use crate::origin::{AllowedOrigins, NotAnOrigin};
use crate::policy::{Policy, Rules};
use crate::quota::{Quota, RunningQuota};
use crate::receipt::ReceiptKeys;
use crate::sealed::ShortKey;
use crate::store::{FullObjectChecksums, NoClient, Store};
use crate::timer::Timer;
use crate::token::TokenKeys;
use crate::{BoxError, PresignLayer, PresignService};
pub use error::BuildError;

/// A hundred files with names of 10 kB fit.
const DEFAULT_MAX_BODY: usize = 1024 * 1024;

/// A body of the largest size, over a line of 300 kbit/s.
const DEFAULT_BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Longer than any page's user waits.
const DEFAULT_HOOK_TIMEOUT: Duration = Duration::from_secs(30);

/// 1.6 GB of a file with parts of 16 MiB: signed in a millisecond, and minutes away from the next request.
const DEFAULT_PARTS_PER_REQUEST: u16 = 100;

/// Configures a mount; see [`PresignLayer::builder`].
#[must_use]
pub struct Builder {
    store: Store,
    policy: Policy,
    path: String,
    authorizer: Option<Authorizer>,
    on_complete: Option<OnComplete>,
    clock: Option<Arc<Clock>>,
    random: Option<Arc<Random>>,
    timer: Option<Timer>,
    max_body: usize,
    body_timeout: Duration,
    hook_timeout: Duration,
    origins: Option<Vec<String>>,
    token_keys: Vec<Vec<u8>>,
    parts_per_request: u16,
    quota: Option<RunningQuota>,
    downloads: bool,
}

impl Builder {
    pub(crate) fn new(store: Store) -> Self {
        Self {
            store,
            policy: Policy::new(),
            path: DEFAULT_PATH.to_owned(),
            authorizer: None,
            on_complete: None,
            clock: system_clock(),
            random: system_random(),
            timer: Timer::tokio(),
            max_body: DEFAULT_MAX_BODY,
            body_timeout: DEFAULT_BODY_TIMEOUT,
            hook_timeout: DEFAULT_HOOK_TIMEOUT,
            origins: None,
            token_keys: Vec::new(),
            parts_per_request: DEFAULT_PARTS_PER_REQUEST,
            quota: None,
            downloads: false,
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

    /// What the application does with an object as soon as it is there: `hook` is told of every upload that `POST P/complete` finds at the store
    /// as it was granted, after everything else has been checked. What it answers is serialized and is the `data` of the client's result; of `()` and
    /// `None` there is none. A [`Refusal`] is the client's error: [`forbidden`](Refusal::forbidden) in the upload's place,
    /// [`unauthenticated`](Refusal::unauthenticated) for the whole request, and any other error in its place as `internal`. The object stays where it is.
    ///
    /// **It must be idempotent.** A client whose answer was lost completes its upload again, two tabs may do so at once, and each time the hook is
    /// told: [`Completed::receipt`]'s [`id`](crate::Receipt::id) is the same every time, so give the column that it is kept in a unique index. A client may also go away while
    /// the hook runs, which then ends where it waits; or never complete at all, so that it is never told of what the store has. Where it goes away before, while its object is made from parts or
    /// copied from its pending key, that goes on to its end in a Tokio runtime, and the hook is told.
    ///
    /// ```
    /// use std::{collections::BTreeMap, io, sync::{Arc, Mutex}};
    /// use presign_layer::{Completed, Credentials, Permit, PresignLayer, Store};
    /// use serde_json::json;
    ///
    /// # let store = Store::builder("http://127.0.0.1:9000", "uploads").credentials(Credentials::new("id", "secret")).build()?;
    /// let documents = Arc::new(Mutex::new(BTreeMap::new())); // a database, by upload
    /// let layer = PresignLayer::builder(store)
    ///     .authorize(|_| async { Ok(Permit::new().subject("42")) })
    ///     .on_complete(move |Completed { receipt, subject, name, .. }| {
    ///         let documents = Arc::clone(&documents);
    ///         async move {
    ///             let mut documents = documents.lock().map_err(|_| io::Error::other("the database is gone"))?;
    ///             documents.insert(receipt.id().to_owned(), (receipt.key().to_owned(), subject));
    ///             Ok(json!({ "page": format!("/documents/{}", receipt.id()), "title": name }))
    ///         }
    ///     })
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn on_complete<H, F, T>(mut self, hook: H) -> Self
    where
        H: Fn(Completed) -> F + Send + Sync + 'static,
        F: Future<Output = Result<T, Refusal>> + Send + 'static,
        T: Serialize,
    {
        self.on_complete = Some(OnComplete::hook(hook));
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

    /// How long the body of a request to these endpoints may take to arrive, 30 s unless given; then the answer is `body_too_slow`. A client that
    /// sends a byte a second holds no more than this.
    pub fn body_timeout(mut self, duration: Duration) -> Self {
        self.body_timeout = duration;
        self
    }

    /// How long one call of the application's own code may take: the hooks that [`authorize`](Self::authorize) and [`on_complete`](Self::on_complete) were given, the
    /// [`quota`](Self::quota), and those who are asked for credentials. 30 s unless given. The hook is then dropped where it waits, and the answer is `hook_timed_out`; code that blocks
    /// its thread cannot be stopped.
    pub fn hook_timeout(mut self, duration: Duration) -> Self {
        self.hook_timeout = duration;
        self
    }

    /// How time is waited for, by Tokio's timer unless given: `sleep` makes a future that is ready after the duration. It is what
    /// [`body_timeout`](Self::body_timeout) and [`hook_timeout`](Self::hook_timeout) are measured with. Where it never ends, application code that hangs is never given up. A completion that goes
    /// on after its client went away then does so for ever too, and later ones of the same upload wait for it.
    ///
    /// ```
    /// use presign_layer::{Credentials, PresignLayer, Store};
    ///
    /// # let store = Store::builder("http://127.0.0.1:9000", "uploads").credentials(Credentials::new("id", "secret")).build()?;
    /// // On a platform that ends slow requests by itself.
    /// let layer = PresignLayer::builder(store).public().sleep(|_| std::future::pending()).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sleep<S, F>(mut self, sleep: S) -> Self
    where
        S: Fn(Duration) -> F + Send + Sync + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        self.timer = Some(Timer::given(sleep));
        self
    }

    /// Only pages of these origins may use the endpoints, those of any unless given. An origin is as browsers send it, `https://your.site` or
    /// `http://localhost:5173`; the application's own one belongs to the list, and `null` (a sandboxed frame, a local file) is never on it.
    /// Every other page is answered `origin_not_allowed` before anything is read, and so is a request that
    /// another origin's page makes the browser send without naming itself, such as an image. Whatever is no browser sends no `Origin` and is not
    /// held up.
    ///
    /// It takes no CORS middleware's place: a page of another origin that is listed here needs that as well, to read the answers.
    ///
    /// ```
    /// use presign_layer::{Credentials, PresignLayer, Store};
    ///
    /// # let store = Store::builder("http://127.0.0.1:9000", "uploads").credentials(Credentials::new("id", "secret")).build()?;
    /// let layer = PresignLayer::builder(store).public().allowed_origins(["https://your.site"]).build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn allowed_origins<O: Into<String>>(
        mut self,
        origins: impl IntoIterator<Item = O>,
    ) -> Self {
        self.origins = Some(origins.into_iter().map(Into::into).collect());
        self
    }

    /// The keys that the tokens of uploads, and receipts, are authenticated with, at least 32 bytes each, from a source of secrets such as
    /// `openssl rand 32`. The first one signs, all verify: a new key goes in front of the old one, which is taken away when the tokens that it
    /// signed have ended ([`Policy::resumable_for`]), and no receipt of its is handed in any more. Every replica needs the same ones.
    ///
    /// Unless given, a key is derived from the secret of the store's credentials, where those are fixed. With credentials that are asked for
    /// ([`credentials_provider`](crate::StoreBuilder::credentials_provider)) there is no such secret, so it has to be given.
    pub fn token_keys<K: Into<Vec<u8>>>(mut self, keys: impl IntoIterator<Item = K>) -> Self {
        self.token_keys = keys.into_iter().map(Into::into).collect();
        self
    }

    /// Presigned URLs of parts that one answer has at most, 1 to 10,000, 100 unless given. They all live as long as the policy says, so a slow
    /// uploader may have to ask for the last of them again.
    pub fn parts_per_request(mut self, parts: u16) -> Self {
        self.parts_per_request = parts;
        self
    }

    /// What each [subject](Permit::subject) may store in all, which nobody counts unless this is called: [`InMemoryQuota`](crate::InMemoryQuota), or the
    /// application's own books as a [`Quota`]. What there is no room for is refused with `quota_exceeded` and the bytes that are left.
    ///
    /// The hook's permits must then name a subject: one that does not is the application's mistake, like a wrong prefix. Where the mount is
    /// [`public`](Self::public), everybody shares the room of one subject, the empty text. [`Quota`] says what is counted when, and what is not.
    pub fn quota(mut self, quota: impl Quota) -> Self {
        self.quota = Some(RunningQuota::new(quota));
        self
    }

    /// Objects can be downloaded, which they cannot unless this is called: `GET P/download?key=…` asks the hook with
    /// [`Action::Download`](crate::Action::Download), looks whether the object is there, and redirects to the presigned URL of a GET, signed with the store's own
    /// credentials. With `Accept: application/json` it answers the URL
    /// ([`DownloadResponse`](presign_protocol::DownloadResponse)).
    ///
    /// `&name=` is the name that the file is saved as, the last segment of the key unless given. It is saved (`attachment`) unless
    /// `&disposition=inline` is asked for and the object is of a type that can do no harm where it is shown: images but no SVG,
    /// sounds, videos, fonts, PDF, JSON, plain text.
    ///
    /// A hook that permits without a [`key_prefix`](Permit::key_prefix) opens **every object of the bucket**, and so does
    /// [`public`](Self::public):
    ///
    /// ```
    /// use presign_layer::{Action, Ask, Credentials, Permit, PresignLayer, Refusal, Store};
    ///
    /// # #[derive(Clone)] struct User { id: u64 }
    /// # let store = Store::builder("http://127.0.0.1:9000", "uploads").credentials(Credentials::new("id", "secret")).build()?;
    /// let layer = PresignLayer::builder(store)
    ///     .downloads()
    ///     .authorize(|ask: Ask| async move {
    ///         let Some(user) = ask.parts.extensions.get::<User>() else {
    ///             return Err(Refusal::unauthenticated("Sign in first."));
    ///         };
    ///         let key = ask.object.as_ref().map(|object| object.key.as_str());
    ///         Ok(match (ask.action, key) {
    ///             // What everybody may see.
    ///             (Action::Download, Some(key)) if key.starts_with("public/") => Permit::new(),
    ///             _ => Permit::new().key_prefix(format!("users/{}", user.id)),
    ///         })
    ///     })
    ///     .build()?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn downloads(mut self) -> Self {
        self.downloads = true;
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
        if self.parts_per_request == 0 || u32::from(self.parts_per_request) > MAX_PARTS {
            return Err(BuildError::PartsPerRequest {
                given: self.parts_per_request,
            });
        }
        let rules = Rules::check(self.policy, self.store.capabilities())?;
        check_store(&self.store, &rules, self.downloads)?;
        if self.on_complete.is_some() && !rules.verified {
            return Err(BuildError::OnCompleteUnverified);
        }
        let (token_keys, receipt_keys) = keys(&self.token_keys, &self.store, &rules)?;
        let origins =
            self.origins.map(AllowedOrigins::new).transpose().map_err(
                |NotAnOrigin { given, expected }| BuildError::Origin { given, expected },
            )?;
        let hooks = Hooks {
            timer: self.timer.ok_or(BuildError::NoSleep)?,
            limit: self.hook_timeout,
        };
        crate::observe::describe();
        Ok(Arc::new(Core {
            mount,
            store: self.store.with_hooks(&hooks),
            rules,
            token_keys,
            receipt_keys,
            parts_per_request: self.parts_per_request,
            completing: OneByOne::default(),
            quota: self.quota,
            downloads: self.downloads,
            authorizer: self.authorizer.ok_or(BuildError::NoAuthorization)?,
            on_complete: self.on_complete,
            environment: Environment {
                clock: self.clock.ok_or(BuildError::NoClock)?,
                random: self.random.ok_or(BuildError::NoRandom)?,
            },
            max_body: self.max_body,
            #[cfg(feature = "openapi")]
            openapi: crate::openapi::Document::default(),
            body_timeout: self.body_timeout,
            hooks,
            origins,
        }))
    }
}

/// What the policy asks of the store, the store must be able to do.
fn check_store(store: &Store, rules: &Rules, downloads: bool) -> Result<(), BuildError> {
    let capabilities = store.capabilities();
    if !rules.overwrite && !rules.conditional_writes {
        return Err(match rules.pending {
            None => BuildError::ConditionalWrites,
            Some(_) => BuildError::ConditionalCopies,
        });
    }
    if rules.post.is_some() {
        if !capabilities.post_policy() {
            return Err(BuildError::PostPolicy);
        }
        if !rules.overwrite && !rules.keys_are_unique() {
            return Err(BuildError::PostOverwrites);
        }
    }
    if !rules.has_tokens() && !downloads {
        return Ok(());
    }
    store.check_client().map_err(|missing| match missing {
        #[cfg(not(feature = "client"))]
        NoClient::NotGiven => BuildError::NoClient,
        #[cfg(feature = "client")]
        NoClient::Certificates(reason) => BuildError::Certificates { reason },
    })?;
    match rules.multipart.as_ref().and_then(|rules| rules.crc) {
        Some(checksum) if capabilities.full_object_checksums() == FullObjectChecksums::None => {
            Err(BuildError::FullObjectChecksum { checksum })
        }
        _ => Ok(()),
    }
}

fn keys(
    given: &[Vec<u8>],
    store: &Store,
    rules: &Rules,
) -> Result<(TokenKeys, ReceiptKeys), BuildError> {
    let keys = if given.is_empty() {
        match store.fixed_credentials() {
            Some(credentials) => {
                let secret = credentials.inner().secret();
                TokenKeys::from_secret(secret)
                    .and_then(|tokens| Ok((tokens, ReceiptKeys::from_secret(secret)?)))
            }
            None if rules.has_tokens() => return Err(BuildError::NoTokenKey),
            // Nothing is known of any upload here, so there is nothing to seal.
            None => Ok(Default::default()),
        }
    } else {
        TokenKeys::configured(given)
            .and_then(|tokens| Ok((tokens, ReceiptKeys::configured(given)?)))
    };
    keys.map_err(|ShortKey { bytes }| BuildError::TokenKey { bytes })
}

impl fmt::Debug for Builder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Builder")
            .field("store", &self.store)
            .field("policy", &self.policy)
            .field("path", &self.path)
            .field("authorizer", &self.authorizer)
            .field("on_complete", &self.on_complete)
            .field("max_body", &self.max_body)
            .field("body_timeout", &self.body_timeout)
            .field("hook_timeout", &self.hook_timeout)
            .field("allowed_origins", &self.origins)
            .finish_non_exhaustive()
    }
}
