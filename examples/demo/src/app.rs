//! What the demo's origin serves: the page, the built npm package, the endpoints that presign, and where the page hands in what was uploaded.

use std::path::Path;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use presign_layer::PresignLayer;
use tower_http::services::ServeDir;

use crate::{files, page};

/// `origin` is the store's, which the page connects to.
pub(crate) fn router(layer: PresignLayer, origin: &str, client: &Path) -> Router {
    let own = page::router(origin)
        .nest_service("/presign-client", ServeDir::new(client))
        .merge(files::router(layer.receipts()))
        .layer(from_fn(as_they_are));
    own.layer(layer)
}

/// Middleware for all but the endpoints that presign: no guessing at types, and no old copy, of a file after a build or of what is kept.
async fn as_they_are(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}
