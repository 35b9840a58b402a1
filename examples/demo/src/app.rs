//! What the demo's origin serves: the page, the built npm package, and the endpoints that presign.

use std::path::Path;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use presign_layer::PresignLayer;
use tower_http::services::ServeDir;

use crate::page;

/// `origin` is the store's, which the page connects to.
pub(crate) fn router(layer: PresignLayer, origin: &str, client: &Path) -> Router {
    let files = page::router(origin)
        .nest_service("/presign-client", ServeDir::new(client))
        .layer(from_fn(as_they_are));
    files.layer(layer)
}

/// Middleware for files: no guessing at types, and no old copy after a build.
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
