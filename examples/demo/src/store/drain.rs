//! A refusal that a browser can read.
//!
//! A browser reads an answer only after it has sent its whole body. A connection that is closed before reaches the page as
//! "network error", and the reason is lost. So what is left of the body is read, and thrown away, before a refusal is sent.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt;

/// Whoever sends for longer than this gets the closed connection.
const PATIENCE: Duration = Duration::from_secs(30);

/// Middleware.
pub(super) async fn read_what_is_left(request: Request, next: Next) -> Response {
    // `Expect: 100-continue` means: refuse me before I send.
    if request.headers().contains_key(header::EXPECT) {
        let mut response = next.run(request).await;
        if !response.status().is_success() {
            // It was not sent, so it cannot be read, and the connection is of no use to a next request.
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        return response;
    }
    let (parts, body) = request.into_parts();
    let mut shared = Shared(Arc::new(Mutex::new(body)));
    let response = next
        .run(Request::from_parts(parts, Body::new(shared.clone())))
        .await;
    if !response.status().is_success() {
        let rest = async { while let Some(Ok(_)) = shared.frame().await {} };
        // Late or not, the answer is the same.
        let _ = tokio::time::timeout(PATIENCE, rest).await;
    }
    response
}

/// A body that can be read on after its reader has dropped it.
#[derive(Clone)]
struct Shared(Arc<Mutex<Body>>);

impl http_body::Body for Shared {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Pin::new(&mut *body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .size_hint()
    }
}
