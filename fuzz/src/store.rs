//! A store that answers as it is told.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::future::{Ready, ready};
use http::{HeaderName, HeaderValue, Method, Request, Response};
use http_body_util::Full;
use tower_service::Service;

use crate::env::PART;
use crate::tokens::{LARGE, SMALL, mark};

/// The upload ID that the honest store gives.
const UPLOAD: &str = "upload-1";

/// What answers a request.
type Answering = dyn Fn(&Request<Full<Bytes>>) -> Option<Response<Full<Bytes>>> + Send + Sync;

/// Answers as it is told, or not at all.
#[derive(Clone)]
pub(crate) struct Scripted(Arc<Answering>);

impl Scripted {
    /// A store that has whatever was granted, whole: an upload's two parts, and its object.
    pub(crate) fn honest() -> Self {
        Self::answering(|request| Some(honestly(request)))
    }

    /// A store that answers with what `answering` makes.
    pub(crate) fn answering(
        answering: impl Fn(&Request<Full<Bytes>>) -> Option<Response<Full<Bytes>>>
        + Send
        + Sync
        + 'static,
    ) -> Self {
        Self(Arc::new(answering))
    }

    /// A store that answers one after another, and then no more. `script` is answers with a line `%%` between them, each of them its status, a line for each header, an empty line, and the body.
    pub(crate) fn reading(script: &[u8]) -> Self {
        let answers: VecDeque<_> = split(script, b"\n%%\n").into_iter().map(answer).collect();
        let answers = Mutex::new(answers);
        Self::answering(move |_| {
            let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
            answers.pop_front()
        })
    }
}

impl Service<Request<Full<Bytes>>> for Scripted {
    type Response = Response<Full<Bytes>>;
    type Error = io::Error;
    type Future = Ready<Result<Self::Response, io::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), io::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Full<Bytes>>) -> Self::Future {
        ready((self.0)(&request).ok_or_else(|| io::Error::other("the script is over")))
    }
}

fn honestly(request: &Request<Full<Bytes>>) -> Response<Full<Bytes>> {
    let query = request.uri().query().unwrap_or_default();
    let of_upload = query.contains("uploadId=");
    let xml = |text: String| Response::new(Full::from(text));
    match *request.method() {
        Method::POST if !of_upload => xml(format!(
            "<InitiateMultipartUploadResult><UploadId>{UPLOAD}</UploadId></InitiateMultipartUploadResult>"
        )),
        Method::POST => xml(
            "<CompleteMultipartUploadResult><ETag>\"all\"</ETag></CompleteMultipartUploadResult>"
                .to_owned(),
        ),
        Method::GET if of_upload => {
            let part = |number, size| {
                format!(
                    "<Part><PartNumber>{number}</PartNumber><ETag>\"{number}\"</ETag><Size>{size}</Size></Part>"
                )
            };
            xml(format!(
                "<ListPartsResult><IsTruncated>false</IsTruncated>{}{}</ListPartsResult>",
                part(1, PART),
                part(2, 2 << 20),
            ))
        }
        Method::DELETE => with_status(204),
        Method::HEAD => {
            let size = if request.uri().path().ends_with("/small.bin") {
                SMALL
            } else {
                LARGE
            };
            Response::builder()
                .header("content-length", size)
                .header("content-type", "a/b")
                .header("etag", "\"all\"")
                .header("x-amz-meta-presign-upload", mark())
                .body(Full::default())
                .expect("it is an answer")
        }
        _ => with_status(404),
    }
}

/// An answer without a word.
pub(crate) fn with_status(status: u16) -> Response<Full<Bytes>> {
    let mut answer = Response::new(Full::default());
    *answer.status_mut() = http::StatusCode::from_u16(status).expect("it is a status");
    answer
}

/// What cannot be read of it is left out: a stranger store's nonsense ends in hyper, not here.
fn answer(text: &[u8]) -> Response<Full<Bytes>> {
    let (head, body) = cut(text, b"\n\n").unwrap_or((text, b""));
    let mut answer = Response::new(Full::from(body.to_vec()));
    for line in split(head, b"\n") {
        if let Some((name, value)) = cut(line, b": ") {
            if let (Ok(name), Ok(value)) =
                (HeaderName::from_bytes(name), HeaderValue::from_bytes(value))
            {
                answer.headers_mut().append(name, value);
            }
        } else if let Ok(status) = http::StatusCode::from_bytes(line) {
            *answer.status_mut() = status;
        }
    }
    answer
}

/// The pieces of `bytes` between `by`.
pub(crate) fn split<'a>(bytes: &'a [u8], by: &[u8]) -> Vec<&'a [u8]> {
    let mut pieces = Vec::new();
    let mut rest = bytes;
    while let Some((piece, after)) = cut(rest, by) {
        pieces.push(piece);
        rest = after;
    }
    pieces.push(rest);
    pieces
}

/// What is before and after the first `at`.
pub(crate) fn cut<'a>(bytes: &'a [u8], at: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let place = bytes.windows(at.len()).position(|window| window == at)?;
    Some((&bytes[..place], &bytes[place + at.len()..]))
}
