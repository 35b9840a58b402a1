use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use tower_layer::Layer as _;
use tower_service::Service;

use crate::ask::send;
use crate::env::{LAYER, MOUNT};
use crate::judge::{Trust, judge};
use crate::store::{cut, split};

/// The application behind the layer, which answers everything with a status that no endpoint has.
#[derive(Clone, Copy, Debug)]
struct Application;

const APPLICATION: StatusCode = StatusCode::IM_A_TEAPOT;

impl Service<Request<Full<Bytes>>> for Application {
    type Response = Response<Full<Bytes>>;
    type Error = Infallible;
    type Future = Ready<Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<Full<Bytes>>) -> Self::Future {
        let mut answer = Response::new(Full::default());
        *answer.status_mut() = APPLICATION;
        ready(Ok(answer))
    }
}

/// A whole request: the method and the URI on a line, the headers, an empty line, the body. It is answered as every answer is, and what is not at or below
/// the mount reaches the application.
pub fn request(input: &[u8]) {
    let Some(request) = read(input) else {
        return;
    };
    let path = request.uri().path();
    let ours = path
        .strip_prefix(MOUNT)
        .is_some_and(|below| below.is_empty() || below.starts_with('/'));
    let method = request.method().clone();
    let reply = send(LAYER.layer(Application), request);
    assert_eq!(reply.status != APPLICATION, ours);
    if ours {
        judge(&reply, Trust::Honest, method == Method::HEAD, input);
        let asks = reply.status == 405 || (method == Method::OPTIONS && reply.status == 204);
        assert_eq!(!reply.header("allow").is_empty(), asks);
    }
}

/// As hyper reads it: what is no request there never gets here.
fn read(input: &[u8]) -> Option<Request<Full<Bytes>>> {
    let (head, body) = cut(input, b"\n\n").unwrap_or((input, b""));
    let mut lines = split(head, b"\n").into_iter();
    let (method, uri) = cut(lines.next()?, b" ")?;
    let mut request = Request::new(Full::from(body.to_vec()));
    *request.method_mut() = Method::from_bytes(method).ok()?;
    *request.uri_mut() = Uri::try_from(uri).ok()?;
    for line in lines {
        let (name, value) = cut(line, b": ")?;
        let name = HeaderName::from_bytes(name).ok()?;
        request
            .headers_mut()
            .append(name, HeaderValue::from_bytes(value).ok()?);
    }
    Some(request)
}
