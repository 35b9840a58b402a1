//! One client's connection, which stays open from one request to the next.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::de::DeserializeOwned;
use tokio::net::TcpStream;

use crate::fault::{Fault, expect};
use crate::tally::{Kind, Tally};

/// Nobody waits longer. It says nothing of speed: on a busy machine, which answers so many in turn, an answer can take its time.
const PATIENCE: Duration = Duration::from_mins(2);

/// A connection that was idle for longer is not used again: the demo hangs up on it after 30 s, perhaps just then.
const IDLE: Duration = Duration::from_secs(20);

/// After an error, so that a demo that is gone is not asked without end.
const PAUSE: Duration = Duration::from_millis(200);

/// What is sent.
#[derive(Debug)]
pub(crate) struct Sent {
    pub(crate) kind: Kind,
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) target: String,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: Bytes,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A connection to one server, made when it is first needed and again after an error.
#[derive(Debug)]
pub(crate) struct Connection {
    to: SocketAddr,
    open: Option<SendRequest<Full<Bytes>>>,
    used: Instant,
    tally: Arc<Tally>,
}

impl Connection {
    pub(crate) fn new(to: SocketAddr, tally: Arc<Tally>) -> Self {
        Self {
            to,
            open: None,
            used: Instant::now(),
            tally,
        }
    }

    /// Sends a request and waits for all of the answer. The time counts from before the connection is made.
    pub(crate) async fn send(&mut self, sent: Sent) -> Result<Answer, Fault> {
        let kind = sent.kind;
        let begun = self.tally.begin(kind);
        if self.used.elapsed() > IDLE {
            self.open = None;
        }
        let answer = match tokio::time::timeout(PATIENCE, self.exchange(sent)).await {
            Ok(answer) => answer,
            Err(_) => Err(Fault::new("no answer in 2 minutes")),
        };
        self.used = Instant::now();
        match answer {
            Ok(answer) if answer.status.is_server_error() => Err(answer.unexpected().of(kind)),
            Ok(answer) => {
                self.tally.answered(&begun);
                Ok(answer)
            }
            Err(fault) => {
                self.open = None;
                tokio::time::sleep(PAUSE).await;
                Err(fault.of(kind))
            }
        }
    }

    async fn exchange(&mut self, sent: Sent) -> Result<Answer, Fault> {
        let mut request = Request::builder()
            .method(sent.method)
            .uri(sent.target)
            .header(HOST, self.to.to_string());
        for (name, value) in sent.headers {
            request = request.header(name, value);
        }
        let request = request
            .body(Full::new(sent.body))
            .map_err(|error| Fault::because("this cannot be asked", &error))?;
        let open = match &mut self.open {
            Some(open) => open,
            none => none.insert(connect(self.to).await?),
        };
        // What keeps it from being ready, such as a server that hung up in between, is an error as well.
        let ready = open.ready().await;
        ready.map_err(|error| Fault::because("the connection was given up", &error))?;
        let answer = open.send_request(request).await;
        let (parts, body) = answer
            .map_err(|error| Fault::because("no answer", &error))?
            .into_parts();
        let body = body.collect().await;
        Ok(Answer {
            status: parts.status,
            headers: parts.headers,
            body: body
                .map_err(|error| Fault::because("half an answer", &error))?
                .to_bytes(),
        })
    }
}

async fn connect(to: SocketAddr) -> Result<SendRequest<Full<Bytes>>, Fault> {
    let failed = |error| Fault::because("no connection", &error);
    let stream = TcpStream::connect(to).await.map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    let (open, connection) = handshake(TokioIo::new(stream))
        .await
        .map_err(|error| Fault::because("no connection", &error))?;
    // Whoever sends is told of its errors.
    tokio::spawn(connection);
    Ok(open)
}

impl Answer {
    /// What the endpoints say of themselves, as JSON. None of it is for a cache.
    pub(crate) fn json<T: DeserializeOwned>(&self, status: StatusCode) -> Result<T, Fault> {
        self.is(status)?;
        let media = if status.is_success() {
            "application/json"
        } else {
            "application/problem+json"
        };
        self.has(&CONTENT_TYPE, media)?;
        self.has(&CACHE_CONTROL, "no-store")?;
        // An error of serde_json's can hold a piece of the answer.
        serde_json::from_slice(&self.body)
            .map_err(|error| Fault::new(format!("wrong JSON ({:?})", error.classify())))
    }

    pub(crate) fn is(&self, status: StatusCode) -> Result<(), Fault> {
        if self.status == status {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    pub(crate) fn has(&self, header: &HeaderName, value: &str) -> Result<(), Fault> {
        let is = self.headers.get(header);
        expect(
            is.is_some_and(|is| is == value),
            &format!("`{header}` is not `{value}`"),
        )
    }

    /// The status, and the problem's code where it has one.
    pub(crate) fn unexpected(&self) -> Fault {
        let problem: Option<serde_json::Value> = serde_json::from_slice(&self.body).ok();
        let code = problem
            .as_ref()
            .and_then(|problem| problem["code"].as_str());
        Fault::new(format!(
            "answered {} {}",
            self.status.as_u16(),
            code.unwrap_or_default()
        ))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use hyper::StatusCode;
    use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderValue};

    use super::Answer;

    fn answer(status: StatusCode, media: &'static str, body: &'static str) -> Answer {
        let headers = [
            (CONTENT_TYPE, HeaderValue::from_static(media)),
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        Answer {
            status,
            headers: HeaderMap::from_iter(headers),
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    #[test]
    fn an_answer_is_believed_only_as_it_must_be() {
        let read = |answer: Answer| {
            answer
                .json::<Vec<u8>>(StatusCode::OK)
                .map_err(|fault| fault.0)
        };
        let json = "application/json";
        assert_eq!(read(answer(StatusCode::OK, json, "[1]")), Ok(vec![1]));
        let problem = r#"{"code":"internal"}"#;
        for (wrong, fault) in [
            (
                answer(StatusCode::INTERNAL_SERVER_ERROR, json, problem),
                "answered 500 internal",
            ),
            (
                answer(StatusCode::OK, "text/html", "[1]"),
                "`content-type` is not `application/json`",
            ),
            (
                answer(StatusCode::OK, json, r#"["secret"]"#),
                "wrong JSON (Data)",
            ),
        ] {
            assert_eq!(read(wrong), Err(fault.to_owned()));
        }
        let mut kept = answer(StatusCode::OK, json, "[1]");
        kept.headers.remove(CACHE_CONTROL);
        assert_eq!(
            read(kept),
            Err("`cache-control` is not `no-store`".to_owned())
        );
    }
}
