//! Pages of other origins may use the store.

use std::time::Duration;

use axum::http::{HeaderName, Method, header};
use tower_http::cors::{AllowHeaders, Any, CorsLayer};

/// Answers preflights, and lets a page read the answers to its requests, errors too. Any origin may: what a request may do, its
/// signature says, and a browser sends no cookies here.
pub(super) fn layer() -> CorsLayer {
    CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([
            Method::GET,
            Method::HEAD,
            Method::PUT,
            Method::POST,
            Method::DELETE,
        ])
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([header::ETAG, HeaderName::from_static("x-amz-request-id")])
        .max_age(Duration::from_mins(10))
}
