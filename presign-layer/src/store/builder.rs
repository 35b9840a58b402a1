use std::fmt;

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use http_body_util::Full;
use presign_protocol::{MAX_PART_SIZE, MIN_PART_SIZE};
use rusty_s3::{Bucket, UrlStyle};
use tower_service::Service;
use url::Url;

use super::client::Client;
use super::provider::Provider;
use super::{Capabilities, Credentials, Store, StoreError};
use crate::BoxError;

/// The region that stores without regions accept.
const DEFAULT_REGION: &str = "us-east-1";

/// What S3 copies in one go, 5 GiB; that is also the most that a part can be.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html>
const MAX_COPY: u64 = MAX_PART_SIZE;

/// Configures a [`Store`]; see [`Store::builder`].
#[derive(Clone)]
#[must_use]
pub struct StoreBuilder {
    endpoint: String,
    public_endpoint: Option<String>,
    bucket: String,
    region: String,
    style: UrlStyle,
    client: Option<Client>,
    capabilities: Capabilities,
    copy_at_most: u64,
    provider: Option<Provider>,
    url_provider: Option<Provider>,
}

impl StoreBuilder {
    pub(super) fn new(endpoint: String, bucket: String) -> Self {
        Self {
            endpoint,
            public_endpoint: None,
            bucket,
            region: DEFAULT_REGION.to_owned(),
            style: UrlStyle::Path,
            client: None,
            capabilities: Capabilities::aws(),
            copy_at_most: MAX_COPY,
            provider: None,
            url_provider: None,
        }
    }

    /// The region, `us-east-1` unless given.
    pub fn region(mut self, region: impl Into<String>) -> Self {
        self.region = region.into();
        self
    }

    /// Where browsers reach the store, if not where the server does (containers, reverse proxies). Presigned URLs are for this one.
    pub fn public_endpoint(mut self, endpoint: impl Into<String>) -> Self {
        self.public_endpoint = Some(endpoint.into());
        self
    }

    /// The bucket is part of the host name (`https://BUCKET.s3.…/KEY`), as AWS recommends; otherwise of the path
    /// (`https://s3.…/BUCKET/KEY`), as self-hosted stores usually have it.
    pub fn virtual_host(mut self) -> Self {
        self.style = UrlStyle::VirtualHost;
        self
    }

    /// Credentials that stay.
    pub fn credentials(mut self, credentials: Credentials) -> Self {
        self.provider = Some(Provider::Fixed(credentials));
        self
    }

    /// Credentials that change: `provide` is asked once for every request that signs, so it should keep them until
    /// shortly before they end. Its error is logged; the user reads only that it is worth trying again.
    ///
    /// ```
    /// use presign_layer::{Credentials, Store};
    /// # async fn assume_role() -> Result<(String, String, String), std::io::Error> { unimplemented!() }
    ///
    /// let store = Store::builder("https://s3.eu-central-1.amazonaws.com", "uploads")
    ///     .region("eu-central-1")
    ///     .credentials_provider(|| async {
    ///         let (id, secret, token) = assume_role().await?;
    ///         Ok::<_, std::io::Error>(Credentials::new(id, secret).with_session_token(token))
    ///     })
    ///     .build()?;
    /// # Ok::<(), presign_layer::StoreError>(())
    /// ```
    pub fn credentials_provider<P, F, E>(mut self, provide: P) -> Self
    where
        P: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<Credentials, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        self.provider = Some(Provider::asked(provide));
        self
    }

    /// Credentials of their own, which stay, for the URLs that write: of PUTs, parts and forms. Everything else (the server's own calls,
    /// and downloads) goes with those of [`credentials`](Self::credentials), and without this so do the URLs.
    ///
    /// Give them the right to write objects of this bucket, `s3:PutObject`, and none to read. Some stores (`MinIO`, Ceph) follow an `x-amz-copy-source` header
    /// that nobody signed, so whoever has a URL that writes could otherwise copy another object to where it leads.
    ///
    /// ```
    /// use presign_layer::{Credentials, Store};
    ///
    /// let store = Store::builder("http://minio:9000", "uploads")
    ///     .credentials(Credentials::new("server", "a secret access key"))
    ///     .url_credentials(Credentials::new("writer", "another one"))
    ///     .build()?;
    /// # Ok::<(), presign_layer::StoreError>(())
    /// ```
    pub fn url_credentials(mut self, credentials: Credentials) -> Self {
        self.url_provider = Some(Provider::Fixed(credentials));
        self
    }

    /// The same, of credentials that change; see [`credentials_provider`](Self::credentials_provider).
    pub fn url_credentials_provider<P, F, E>(mut self, provide: P) -> Self
    where
        P: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<Credentials, E>> + Send + 'static,
        E: Into<BoxError>,
    {
        self.url_provider = Some(Provider::asked(provide));
        self
    }

    /// What the store can do, [`Capabilities::aws`] unless given. What it cannot is asked of no store, and a policy that needs it is
    /// refused when the mount is built.
    pub fn capabilities(mut self, capabilities: Capabilities) -> Self {
        self.capabilities = capabilities;
        self
    }

    /// The most bytes that the store copies in one go, 5 MiB to 5 GiB, 5 GiB unless given, as AWS S3 has it. Larger objects are copied by
    /// parts of at most so many bytes, or of more where there would be over 10,000 parts.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/copy-object.html>
    pub fn copy_at_most(mut self, bytes: u64) -> Self {
        self.copy_at_most = bytes;
        self
    }

    /// What the server's own calls to the store go through, the client of the feature `client` unless given: any Tower service, as it is.
    /// How long to wait, how often to try and which certificates to trust is its own business. It must follow no redirects. It must give up at some time,
    /// because a promotion waits for it though the browser has gone away; but not before the largest object is copied, or the copy stays uncounted (the own client waits 5 minutes; see
    /// [`copy_at_most`](Self::copy_at_most)).
    ///
    /// The calls are those that verified and multipart uploads need (head; create, list, complete, abort), the head of a download, the first bytes where
    /// [content is checked](crate::Policy::check_content) and, where objects are promoted, copies and deletes, at the store's own endpoint, not the public one.
    ///
    /// ```
    /// use bytes::Bytes;
    /// use http::{Request, Response};
    /// use http_body_util::Full;
    /// use presign_layer::{Credentials, Store};
    ///
    /// let nobody = tower::service_fn(|_: Request<Full<Bytes>>| async {
    ///     Ok::<_, std::io::Error>(Response::builder().status(503).body(Full::<Bytes>::default()).unwrap())
    /// });
    /// let store = Store::builder("http://minio:9000", "uploads")
    ///     .credentials(Credentials::new("an access key ID", "a secret access key"))
    ///     .client(nobody)
    ///     .build()?;
    /// # Ok::<(), presign_layer::StoreError>(())
    /// ```
    pub fn client<S, B>(mut self, service: S) -> Self
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send + 'static,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<BoxError>,
    {
        self.client = Some(Client::given(service));
        self
    }

    /// Checks the configuration.
    ///
    /// # Errors
    ///
    /// [`StoreError`] says what is wrong.
    pub fn build(self) -> Result<Store, StoreError> {
        check_bucket(&self.bucket)?;
        check_region(&self.region)?;
        let bucket_at = |which, endpoint: &str| {
            let endpoint = parse_endpoint(which, endpoint)?;
            Bucket::new(
                endpoint,
                self.style,
                self.bucket.clone(),
                self.region.clone(),
            )
            .map_err(|error| StoreError::Endpoint {
                which,
                reason: error.to_string(),
            })
        };
        // Checked even where browsers use another one: the server's own calls go there.
        let own = bucket_at("endpoint", &self.endpoint)?;
        let public = match &self.public_endpoint {
            Some(endpoint) => bucket_at("public endpoint", endpoint)?,
            None => own.clone(),
        };
        if !(MIN_PART_SIZE..=MAX_COPY).contains(&self.copy_at_most) {
            return Err(StoreError::CopyAtMost {
                given: self.copy_at_most,
            });
        }
        let provider = self.provider.ok_or(StoreError::NoCredentials)?;
        for provider in [Some(&provider), self.url_provider.as_ref()] {
            if let Some(Provider::Fixed(credentials)) = provider {
                credentials.check()?;
            }
        }
        let client = match self.client {
            Some(client) => Ok(client),
            #[cfg(feature = "client")]
            None => Client::own(own.base_url()),
            #[cfg(not(feature = "client"))]
            None => Err(super::NoClient::NotGiven),
        };
        Ok(Store {
            own,
            public,
            client,
            capabilities: self.capabilities,
            copy_at_most: self.copy_at_most,
            provider,
            url_provider: self.url_provider,
        })
    }
}

impl fmt::Debug for StoreBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What is not usable is not shown: it may hold a password.
        let shown = |endpoint: &String| match parse_endpoint("endpoint", endpoint) {
            Ok(url) => url.to_string(),
            Err(_) => "[not usable]".to_owned(),
        };
        formatter
            .debug_struct("StoreBuilder")
            .field("endpoint", &shown(&self.endpoint))
            .field("public_endpoint", &self.public_endpoint.as_ref().map(shown))
            .field("bucket", &self.bucket)
            .field("region", &self.region)
            .field("style", &self.style)
            .field("client", &self.client)
            .field("capabilities", &self.capabilities)
            .field("copy_at_most", &self.copy_at_most)
            .field("provider", &self.provider)
            .field("url_provider", &self.url_provider)
            .finish()
    }
}

fn parse_endpoint(which: &'static str, endpoint: &str) -> Result<Url, StoreError> {
    let refuse = |reason: &str| StoreError::Endpoint {
        which,
        reason: reason.to_owned(),
    };
    // The text itself is not repeated: it may hold a password.
    let url = Url::parse(endpoint).map_err(|error| refuse(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refuse("its scheme is neither http nor https"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("it holds a user name or a password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("it has a query or a fragment"));
    }
    Ok(url)
}

fn check_bucket(name: &str) -> Result<(), StoreError> {
    let plain = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_'));
    let dots = matches!(name, "." | "..");
    if name.is_empty() || name.len() > 255 || !plain || dots {
        return Err(StoreError::Bucket {
            name: name.to_owned(),
        });
    }
    Ok(())
}

fn check_region(region: &str) -> Result<(), StoreError> {
    let plain = region
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if region.is_empty() || !plain {
        return Err(StoreError::Region {
            region: region.to_owned(),
        });
    }
    Ok(())
}
