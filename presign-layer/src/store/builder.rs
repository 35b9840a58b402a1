use std::fmt;

use rusty_s3::{Bucket, UrlStyle};
use url::Url;

use super::provider::Provider;
use super::{Credentials, Store, StoreError};
use crate::BoxError;

/// The region that stores without regions accept.
const DEFAULT_REGION: &str = "us-east-1";

/// Configures a [`Store`]; see [`Store::builder`].
#[derive(Clone)]
#[must_use]
pub struct StoreBuilder {
    endpoint: String,
    public_endpoint: Option<String>,
    bucket: String,
    region: String,
    style: UrlStyle,
    provider: Option<Provider>,
}

impl StoreBuilder {
    pub(super) fn new(endpoint: String, bucket: String) -> Self {
        Self {
            endpoint,
            public_endpoint: None,
            bucket,
            region: DEFAULT_REGION.to_owned(),
            style: UrlStyle::Path,
            provider: None,
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
            None => own,
        };
        let provider = self.provider.ok_or(StoreError::NoCredentials)?;
        if let Provider::Fixed(credentials) = &provider {
            credentials.check()?;
        }
        Ok(Store { public, provider })
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
            .field("provider", &self.provider)
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
