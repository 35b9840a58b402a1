//! A request to a mount, and its answer.

use bytes::Bytes;
use futures_util::FutureExt as _;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use presign_layer::PresignService;
use serde::de::DeserializeOwned;
use serde_json::Value;
use tower_service::Service;

use crate::env::MOUNT;

/// An answer, whole.
#[derive(Debug)]
pub(crate) struct Reply {
    /// The status.
    pub(crate) status: StatusCode,
    /// The headers.
    pub(crate) headers: HeaderMap,
    /// The body.
    pub(crate) body: Bytes,
}

impl Reply {
    /// A header, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("our headers are text"))
    }

    /// The body as JSON of this shape.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", self.body.escape_ascii()))
    }
}

/// Sends `request`. Nothing there is to wait for, so there must be an answer at once.
pub(crate) fn send<S, B>(mut service: S, request: Request<Full<Bytes>>) -> Reply
where
    S: Service<Request<Full<Bytes>>, Response = http::Response<B>>,
    S::Error: std::fmt::Debug,
    B: BodyExt,
    B::Error: std::fmt::Debug,
{
    let answering = async {
        std::future::poll_fn(|context| service.poll_ready(context))
            .await
            .expect("it is ready");
        let response = service.call(request).await.expect("it answers");
        let (parts, body) = response.into_parts();
        Reply {
            status: parts.status,
            headers: parts.headers,
            body: body.collect().await.expect("the body is whole").to_bytes(),
        }
    };
    answering.now_or_never().expect("nothing is waited for")
}

/// Posts JSON to the endpoint at `path` below the mount.
pub(crate) fn post(service: &PresignService, path: &str, body: impl Into<Bytes>) -> Reply {
    let request = Request::post(format!("{MOUNT}{path}"))
        .header("content-type", "application/json")
        .body(Full::new(body.into()))
        .expect("it is a request");
    send(service.clone(), request)
}

/// A whole number, however it is written: `1`, `1.0` and `-0` are.
pub(crate) fn whole(number: &Value) -> u64 {
    let text = match number.as_u64() {
        Some(whole) => whole.to_string(),
        None => format!("{:.0}", number.as_f64().expect("a number")),
    };
    text.trim_start_matches('-')
        .parse()
        .expect("a whole number")
}
