//! Where uploads go: the embedded store, or the one that the arguments name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use presign_layer::{Capabilities, Credentials, Store, StoreBuilder};
use url::Url;

use crate::args::Args;
use crate::error::DemoError;
use crate::serve::{self, Server};
use crate::store::{EmbeddedStore, MAX_FORM};

/// The bucket that takes the uploads.
pub(crate) struct Bucket {
    /// Signs for it.
    pub(crate) store: Store,
    /// The origin that presigned URLs have.
    pub(crate) origin: String,
    /// What has to be served for it to be there.
    pub(crate) server: Option<Server>,
}

impl Bucket {
    pub(crate) async fn open(args: &Args) -> Result<Self, DemoError> {
        // An empty variable is as good as none.
        let given = args.s3_endpoint.as_deref();
        match given.filter(|endpoint| !endpoint.is_empty()) {
            Some(endpoint) => {
                let capabilities = args.s3_engine.capabilities();
                let mut store = settings(endpoint, args, capabilities, Credentials::from_env()?);
                if let Some(writer) = writer(|name| std::env::var(name).ok()) {
                    store = store.url_credentials(writer);
                }
                let store = store.build()?;
                Ok(Self {
                    store,
                    origin: origin(endpoint, args),
                    server: None,
                })
            }
            None => Self::embedded(args).await,
        }
    }

    async fn embedded(args: &Args) -> Result<Self, DemoError> {
        if args.s3_virtual_host {
            return Err(DemoError::VirtualHost);
        }
        if args.post_below.is_some_and(|bytes| bytes > MAX_FORM + 1) {
            return Err(DemoError::Form);
        }
        let listener = serve::bind(&args.store_listen).await?;
        let address = serve::address(&listener)?;
        let endpoint = format!("http://{}", reachable(address));
        // Nothing is made on disk before the settings are known to be right.
        // It does as AWS S3 does, whatever --s3-engine says.
        let named = |id: &str, secret: &str| {
            let credentials = Credentials::new(id, secret);
            settings(&endpoint, args, Capabilities::aws(), credentials).build()
        };
        named("unused", "unused")?;

        let embedded = EmbeddedStore::open(&args.data, &args.s3_bucket)?;
        let store = named(embedded.credentials.id(), embedded.credentials.secret())?;
        tracing::info!(endpoint, folder = %args.data.join(&args.s3_bucket).display(), "the embedded store keeps objects as files");
        let server = Server {
            listener,
            router: embedded.router,
        };
        Ok(Self {
            store,
            origin: origin(&endpoint, args),
            server: Some(server),
        })
    }
}

/// What signs the URLs that browsers write with, if that is something else.
fn writer(variable: impl Fn(&str) -> Option<String>) -> Option<Credentials> {
    let read =
        |name: &str| variable(&format!("PRESIGN_URL_{name}")).filter(|value| !value.is_empty());
    let (id, secret) = (read("ACCESS_KEY_ID"), read("SECRET_ACCESS_KEY"));
    if id.is_none() && secret.is_none() {
        return None;
    }
    // One without the other is a mistake, which `Store` names.
    let credentials = Credentials::new(id.unwrap_or_default(), secret.unwrap_or_default());
    Some(match read("SESSION_TOKEN") {
        Some(token) => credentials.with_session_token(token),
        None => credentials,
    })
}

fn settings(
    endpoint: &str,
    args: &Args,
    capabilities: Capabilities,
    credentials: Credentials,
) -> StoreBuilder {
    let mut store = Store::builder(endpoint, &args.s3_bucket)
        .region(&args.s3_region)
        .capabilities(capabilities)
        .credentials(credentials);
    if let Some(bytes) = args.copy_at_most {
        store = store.copy_at_most(bytes);
    }
    if let Some(public) = &args.s3_public_endpoint {
        store = store.public_endpoint(public);
    }
    if args.s3_virtual_host {
        store = store.virtual_host();
    }
    store
}

/// The origin that the page has to be allowed to connect to. `Store` has checked the URLs.
fn origin(endpoint: &str, args: &Args) -> String {
    let public = args.s3_public_endpoint.as_deref().unwrap_or(endpoint);
    let Ok(mut url) = Url::parse(public) else {
        return String::new();
    };
    if args.s3_virtual_host {
        let host = format!("{}.{}", args.s3_bucket, url.host_str().unwrap_or_default());
        if url.set_host(Some(&host)).is_err() {
            return String::new();
        }
    }
    url.origin().ascii_serialization()
}

/// Where a browser on this machine reaches what listens on `address`.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(Ipv4Addr::UNSPECIFIED) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(Ipv6Addr::UNSPECIFIED) => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}
