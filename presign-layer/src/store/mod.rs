//! One bucket of an S3-compatible store, and how requests to it are signed.

mod builder;
mod call;
mod capabilities;
mod client;
mod copying;
mod credentials;
mod error;
mod get;
mod part;
mod pause;
mod post;
mod provider;
mod put;

use rusty_s3::Bucket;

pub use builder::StoreBuilder;
pub(crate) use call::{CallError, Completion, ListedPart, MARK, ObjectHead, Replaced, Source};
pub use capabilities::{Capabilities, FullObjectChecksums};
pub(crate) use copying::Copying;
pub use credentials::Credentials;
pub use error::StoreError;
pub(crate) use get::Get;
pub(crate) use part::Part;
pub(crate) use post::{Post, can_carry};
pub(crate) use put::{Put, SigningTime};

use crate::BoxError;
use crate::hook::Hooks;
use client::Client;
pub(crate) use client::NoClient;
use provider::Provider;

/// One bucket of an S3-compatible store.
///
/// It has two faces: the endpoint that the server reaches and, where that differs, the public one that browsers reach.
///
/// ```
/// use presign_layer::{Credentials, Store};
///
/// let store = Store::builder("http://minio:9000", "uploads")
///     .public_endpoint("https://files.example.com")
///     .credentials(Credentials::new("an access key ID", "a secret access key"))
///     .build()?;
/// # Ok::<(), presign_layer::StoreError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Store {
    own: Bucket,
    public: Bucket,
    client: Result<Client, NoClient>,
    capabilities: Capabilities,
    /// The most bytes that it copies in one go.
    copy_at_most: u64,
    provider: Provider,
    /// What URLs that write are signed with, where that is not the same.
    url_provider: Option<Provider>,
}

impl Store {
    /// A bucket at `endpoint`, a URL such as `https://s3.eu-central-1.amazonaws.com`.
    pub fn builder(endpoint: impl Into<String>, bucket: impl Into<String>) -> StoreBuilder {
        StoreBuilder::new(endpoint.into(), bucket.into())
    }

    /// What it is said to be capable of.
    pub fn capabilities(&self) -> Capabilities {
        self.capabilities
    }

    pub(crate) async fn credentials(&self) -> Result<Credentials, BoxError> {
        asked(&self.provider).await
    }

    /// What URLs that write are signed with.
    pub(crate) async fn url_credentials(&self) -> Result<Credentials, BoxError> {
        asked(self.url_provider.as_ref().unwrap_or(&self.provider)).await
    }

    /// The same store, whose credentials provider is run as the application's hooks are.
    pub(crate) fn with_hooks(mut self, hooks: &Hooks) -> Self {
        self.provider = self.provider.with_hooks(hooks);
        self.url_provider = self.url_provider.map(|provider| provider.with_hooks(hooks));
        self
    }

    /// Credentials that stay, if that is what it has.
    pub(crate) fn fixed_credentials(&self) -> Option<&Credentials> {
        match &self.provider {
            Provider::Fixed(credentials) => Some(credentials),
            Provider::Asked(_) => None,
        }
    }

    pub(crate) fn bucket_name(&self) -> &str {
        self.own.name()
    }
}

async fn asked(provider: &Provider) -> Result<Credentials, BoxError> {
    let credentials = provider.credentials().await?;
    credentials.check()?;
    Ok(credentials)
}
