use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use presign_layer::protocol::Problem;
use tower_layer::Layer as _;
use tower_service::Service;

use crate::ask::{Reply, send};
use crate::env::{GUARDED, LAYER, MOUNT, ORIGIN};
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
/// the mount reaches the application. Where origins are listed, the pages of no other origin are answered, and nothing but JSON is read as JSON.
pub fn request(input: &[u8]) {
    let Some(request) = read(input) else {
        return;
    };
    let path = request.uri().path();
    let below = path.strip_prefix(MOUNT);
    let ours = below.is_some_and(|below| below.is_empty() || below.starts_with('/'));
    let is_download = below == Some("/download");
    for (layer, guarded) in [(&LAYER, false), (&GUARDED, true)] {
        let reply = send(layer.layer(Application), request.clone());
        assert_eq!(reply.status != APPLICATION, ours);
        if !ours {
            continue;
        }
        let method = request.method();
        judge(&reply, Trust::Honest, method == Method::HEAD, input);
        let asks = reply.status == 405 || (method == Method::OPTIONS && reply.status == 204);
        assert_eq!(!reply.header("allow").is_empty(), asks);
        let stranger = guarded && of_a_stranger(request.headers(), is_download);
        assert_eq!(reply.status == 403, stranger);
        judge_id(&reply, request.headers());
        if method == Method::POST && below.is_some_and(reads_json) && !stranger {
            judge_media_type(&reply, request.headers());
        }
    }
}

/// Whether a page of another origin has the browser send this, as far as the browser says.
fn of_a_stranger(headers: &HeaderMap, is_download: bool) -> bool {
    let named = |name, known: &[&str]| {
        let mut given = headers.get_all(name).iter();
        given.all(|given| known.iter().any(|known| given == known))
    };
    if headers.contains_key("origin") {
        return !named("origin", &[ORIGIN]);
    }
    // A link to a download may be anywhere.
    !is_download && !named("sec-fetch-site", &["same-origin", "none"])
}

/// The request's own ID is told again where there is one, and nothing that could mean more than an ID wherever it is shown.
fn judge_id(reply: &Reply, headers: &HeaderMap) {
    let told = reply.headers.get_all("x-request-id").iter();
    let told: Vec<_> = told.map(HeaderValue::as_bytes).collect();
    let given = headers.get_all("x-request-id").iter();
    let given: Vec<_> = given.map(HeaderValue::as_bytes).collect();
    assert!(told.is_empty() || told == given, "{told:?}");
    for id in &told {
        let plain = |byte: &u8| byte.is_ascii_graphic() && !b"\"'<>\\%&;`$(){}".contains(byte);
        assert!((1..=128).contains(&id.len()) && id.iter().all(plain));
    }
    let of_uuid = |byte: &u8| byte.is_ascii_hexdigit() || *byte == b'-';
    let is_uuid = |id: &&[u8]| id.len() == 36 && id.iter().all(of_uuid);
    assert!(given.len() != 1 || !given.iter().all(is_uuid) || !told.is_empty());
    if reply.header("content-type") != "application/problem+json" || reply.body.is_empty() {
        return;
    }
    let extensions = reply.json::<Problem>().extensions;
    let id = extensions.request_id.as_deref().map(str::as_bytes);
    assert_eq!(id, told.first().copied());
    if let Some(trace) = extensions.traceparent {
        let given = headers.get("traceparent").map(HeaderValue::as_bytes);
        let (given, known) = (given.expect("it is the request's"), trace.as_bytes());
        assert_eq!((known.len(), &known[..3]), (55, &b"00-"[..]));
        assert!(given.len() >= 55 && given[2..55] == known[2..]);
    }
}

/// Whether the endpoint reads the body of a POST.
fn reads_json(below: &str) -> bool {
    ["", "/", "/parts", "/resume", "/complete", "/abort"].contains(&below)
}

/// What a page of any origin can have a browser send without being asked for is not JSON.
fn judge_media_type(reply: &Reply, headers: &HeaderMap) {
    let given = headers.get("content-type").map(HeaderValue::as_bytes);
    let given = given.unwrap_or_default().to_ascii_lowercase();
    let essence = split(&given, b";")[0].trim_ascii();
    let refused = reply.status == 415;
    assert!(refused || essence == b"application/json");
    assert!(!refused || given != b"application/json");
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
