use std::sync::Arc;

use tower_layer::Layer;

use crate::core::Core;
use crate::{Builder, PresignService, ReceiptVerifier, Store};

/// A Tower layer that answers at its path and below, and passes every other request on untouched.
///
/// ```
/// use axum::{Router, routing::get};
/// use presign_layer::{Credentials, PresignLayer, Store};
///
/// let store = Store::builder("http://127.0.0.1:9000", "uploads")
///     .credentials(Credentials::new("an access key ID", "a secret access key"))
///     .build()?;
/// let app: Router = Router::new()
///     .route("/", get(|| async { "the page" }))
///     .layer(PresignLayer::builder(store).public().build()?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct PresignLayer {
    core: Arc<Core>,
}

impl PresignLayer {
    /// Configures a mount that signs for `store`.
    pub fn builder(store: Store) -> Builder {
        Builder::new(store)
    }

    /// Checks the receipts that these endpoints give out.
    pub fn receipts(&self) -> ReceiptVerifier {
        self.core.receipts()
    }

    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }
}

impl<S> Layer<S> for PresignLayer {
    type Service = PresignService<S>;

    fn layer(&self, inner: S) -> PresignService<S> {
        PresignService::around(inner, Arc::clone(&self.core))
    }
}
