//! What every answer of the store has.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;

/// An error's XML is far shorter.
const MAX_ERROR: usize = 64 * 1024;

/// Numbers requests, over restarts too.
#[derive(Clone, Debug)]
pub(super) struct RequestIds {
    next: Arc<AtomicU64>,
}

impl RequestIds {
    pub(super) fn new() -> Self {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let micros = u64::try_from(since.as_micros()).unwrap_or_default();
        Self {
            next: Arc::new(AtomicU64::new(micros)),
        }
    }

    fn next(&self) -> String {
        format!("{:016X}", self.next.fetch_add(1, Ordering::Relaxed))
    }
}

/// Middleware: gives the answer its request ID, in `x-amz-request-id` and in an error's XML, and logs it. The query is not logged: it
/// holds the signature.
pub(super) async fn finish(
    State(ids): State<RequestIds>,
    request: Request,
    next: Next,
) -> Response {
    let id = ids.next();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let mut response = next.run(request).await;
    let status = response.status();
    if status.is_client_error() || status.is_server_error() {
        response = name_request(response, &id).await;
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert("x-amz-request-id", value);
    }
    if status.is_server_error() {
        tracing::error!(%method, path, %status, id, "the store failed");
    } else {
        tracing::debug!(%method, path, %status, id, "the store answered");
    }
    response
}

async fn name_request(response: Response, id: &str) -> Response {
    let (mut parts, body) = response.into_parts();
    let body = match to_bytes(body, MAX_ERROR).await {
        Ok(body) => with_request_id(body, id),
        Err(_) => Bytes::new(),
    };
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(body))
}

/// s3s writes the element only where it knows the ID, and its own errors are made before any code of ours runs.
fn with_request_id(xml: Bytes, id: &str) -> Bytes {
    const END: &[u8] = b"</Error>";
    match xml.strip_suffix(END) {
        Some(start) => [start, b"<RequestId>", id.as_bytes(), b"</RequestId>", END]
            .concat()
            .into(),
        None => xml,
    }
}
