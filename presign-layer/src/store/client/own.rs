//! The client that the feature `client` brings: hyper with rustls. It follows no redirects, so a store cannot send the server elsewhere.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper_rustls::{ConfigBuilderExt, HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::{Builder, Client as Hyper};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::ClientConfig;
use rustls::crypto::{CryptoProvider, ring};
use url::Url;

use super::{Client, NoClient};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Stores close idle connections; one that is about to be closed is not worth keeping.
const IDLE: Duration = Duration::from_secs(15);

impl Client {
    /// For a store at `endpoint`.
    pub(in crate::store) fn own(endpoint: &Url) -> Result<Self, NoClient> {
        let mut tcp = HttpConnector::new();
        tcp.set_connect_timeout(Some(CONNECT_TIMEOUT));
        tcp.set_nodelay(true);
        // Over plain HTTP no certificate is ever looked at, so none need be there.
        let client = if endpoint.scheme() == "https" {
            let hyper: Hyper<_, Full<Bytes>> = builder().build(encrypted(tcp)?);
            Self::given(hyper)
        } else {
            let hyper: Hyper<_, Full<Bytes>> = builder().build(tcp);
            Self::given(hyper)
        };
        Ok(client.patiently())
    }
}

fn builder() -> Builder {
    let mut builder = Hyper::builder(TokioExecutor::new());
    builder
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE);
    builder
}

fn encrypted(mut tcp: HttpConnector) -> Result<HttpsConnector<HttpConnector>, NoClient> {
    tcp.enforce_http(false);
    Ok(HttpsConnectorBuilder::new()
        .with_tls_config(trusting_the_system()?)
        .https_only()
        .enable_http1()
        .wrap_connector(tcp))
}

/// Reading the system's certificates takes tens of milliseconds, so all stores share them.
fn trusting_the_system() -> Result<ClientConfig, NoClient> {
    static CONFIG: OnceLock<ClientConfig> = OnceLock::new();
    if let Some(config) = CONFIG.get() {
        return Ok(config.clone());
    }
    // An application that has chosen its cryptography gets that one; without a choice rustls would panic where two are compiled in.
    let provider = CryptoProvider::get_default()
        .cloned()
        .unwrap_or_else(|| Arc::new(ring::default_provider()));
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| NoClient::Certificates(error.to_string()))?
        .with_native_roots()
        .map_err(|error| NoClient::Certificates(error.to_string()))?
        .with_no_client_auth();
    Ok(CONFIG.get_or_init(|| config).clone())
}
