//! What carries the server's own requests to the store.

#[cfg(feature = "client")]
mod own;

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use http::{Request, Response};
use http_body::Body;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use tower_service::Service;

use crate::BoxError;

/// Bytes that an answer may have. A page of a thousand parts has about 300 kB.
const MAX_ANSWER: usize = 4 * 1024 * 1024;

type Sent = Pin<Box<dyn Future<Output = Result<Response<Bytes>, SendError>> + Send>>;

/// How much of an answer is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// All of it; a longer one than any answer has is an error.
    Whole,
    /// So many bytes, whatever else the store sends.
    First(usize),
}

/// Any service, boxed.
#[derive(Clone)]
pub(super) struct Client {
    send: Arc<dyn Fn(Request<Full<Bytes>>, Reading) -> Sent + Send + Sync>,
    patient: bool,
}

/// Why there is nothing to call the store with. Only uploads that are verified or go in parts need it, so only a policy that has them is refused for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoClient {
    /// The feature `client` is off, and none is given.
    #[cfg(not(feature = "client"))]
    NotGiven,
    /// The calls go over `https`, and the system has no certificates to know the store by.
    #[cfg(feature = "client")]
    Certificates(String),
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    #[error("{0}")]
    NoAnswer(BoxError),
    #[error("it is longer than {MAX_ANSWER} bytes")]
    TooLong,
}

impl Client {
    /// A service as it is: how long to wait and how often to try is its own business.
    pub(super) fn given<S, B>(service: S) -> Self
    where
        S: Service<Request<Full<Bytes>>, Response = Response<B>> + Clone + Send + Sync + 'static,
        S::Error: Into<BoxError>,
        S::Future: Send + 'static,
        B: Body + Send + 'static,
        B::Data: Send,
        B::Error: Into<BoxError>,
    {
        Self {
            send: Arc::new(move |request, reading| {
                Box::pin(send(service.clone(), request, reading))
            }),
            patient: false,
        }
    }

    /// The same, with a timeout for each answer and further attempts where one failed. It needs Tokio.
    #[cfg(feature = "client")]
    pub(super) fn patiently(self) -> Self {
        Self {
            patient: true,
            ..self
        }
    }

    #[cfg(feature = "client")]
    pub(super) fn is_patient(&self) -> bool {
        self.patient
    }

    pub(super) async fn send(
        &self,
        request: Request<Full<Bytes>>,
        reading: Reading,
    ) -> Result<Response<Bytes>, SendError> {
        (self.send)(request, reading).await
    }
}

async fn send<S, B>(
    mut service: S,
    request: Request<Full<Bytes>>,
    reading: Reading,
) -> Result<Response<Bytes>, SendError>
where
    S: Service<Request<Full<Bytes>>, Response = Response<B>>,
    S::Error: Into<BoxError>,
    B: Body,
    B::Error: Into<BoxError>,
{
    let no_answer = |error: S::Error| SendError::NoAnswer(error.into());
    std::future::poll_fn(|context| service.poll_ready(context))
        .await
        .map_err(no_answer)?;
    let (parts, body) = service.call(request).await.map_err(no_answer)?.into_parts();
    let bytes = match reading {
        Reading::Whole => whole(body).await,
        Reading::First(most) => first(body, most).await,
    };
    bytes.map(|bytes| Response::from_parts(parts, bytes))
}

async fn whole<B>(body: B) -> Result<Bytes, SendError>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    match Limited::new(body, MAX_ANSWER).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(SendError::TooLong),
        Err(error) => Err(SendError::NoAnswer(error)),
    }
}

/// Nobody waits for what comes after them, and the connection that it would come over is closed.
async fn first<B>(body: B, most: usize) -> Result<Bytes, SendError>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    let mut body = std::pin::pin!(body);
    let mut read = BytesMut::new();
    while read.len() < most {
        let Some(frame) = body.frame().await else {
            break;
        };
        let frame = frame.map_err(|error| SendError::NoAnswer(error.into()))?;
        if let Ok(data) = frame.into_data() {
            read.put(data.take(most - read.len()));
        }
    }
    Ok(read.freeze())
}

impl fmt::Debug for Client {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Client")
            .field("patient", &self.patient)
            .finish_non_exhaustive()
    }
}
