//! Answers as HTTP responses.

use bytes::Bytes;
use http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderName, LOCATION, VARY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderValue, Method, Response, StatusCode};
use http_body_util::Full;
use presign_protocol::Problem;
use serde::Serialize;

pub(crate) type Answer = Response<Full<Bytes>>;

pub(crate) fn text(body: String) -> Answer {
    answer(StatusCode::OK, "text/plain; charset=utf-8", body.into())
}

/// JSON that is text already.
#[cfg(feature = "openapi")]
pub(crate) fn json_text(body: Bytes) -> Answer {
    answer(StatusCode::OK, "application/json", body)
}

pub(crate) fn json(body: &impl Serialize) -> Answer {
    serialized(StatusCode::OK, "application/json", body)
}

/// RFC 9457. The problem itself stays with the answer until that leaves.
pub(crate) fn problem(problem: &Problem) -> Answer {
    let mut answer = problem_as(problem.status, problem);
    answer.extensions_mut().insert(problem.clone());
    answer
}

/// What is a problem and may have more to say.
pub(crate) fn problem_as(status: u16, body: &impl Serialize) -> Answer {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    serialized(status, "application/problem+json", body)
}

/// The problem that an answer is, which it then does not carry any more.
pub(crate) fn taken_problem(answer: &mut Answer) -> Option<Problem> {
    answer.extensions_mut().remove()
}

/// An answer with more said of the problem that it is.
pub(crate) fn restated(answer: Answer, problem: &Problem) -> Answer {
    let said = serialized(answer.status(), "application/problem+json", problem);
    let mut headers = answer.into_parts().0.headers;
    headers.extend(said.headers().clone());
    let (mut parts, body) = said.into_parts();
    parts.headers = headers;
    Answer::from_parts(parts, body)
}

pub(crate) fn json_or_problem(result: Result<impl Serialize, Problem>) -> Answer {
    match result {
        Ok(body) => json(&body),
        Err(refused) => problem(&refused),
    }
}

/// To `OPTIONS`.
pub(crate) fn options(allowed: &'static str) -> Answer {
    with_allow(done(), allowed)
}

/// Done, and there is nothing to say.
pub(crate) fn done() -> Answer {
    bare(StatusCode::NO_CONTENT, Bytes::new())
}

/// What is asked for is at `location`, for now.
pub(crate) fn found(mut location: HeaderValue) -> Answer {
    // Middleware that logs headers does not show it.
    location.set_sensitive(true);
    let mut answer = bare(StatusCode::FOUND, Bytes::new());
    let headers = answer.headers_mut();
    headers.insert(LOCATION, location);
    headers.insert(CONTENT_LENGTH, HeaderValue::from(0));
    answer
}

pub(crate) fn with_allow(answer: Answer, allowed: &'static str) -> Answer {
    with_header(answer, ALLOW, HeaderValue::from_static(allowed))
}

/// Says that another `Accept` may get another answer.
pub(crate) fn vary_by_accept(answer: Answer) -> Answer {
    with_header(answer, VARY, HeaderValue::from_static("accept"))
}

/// Where `GET` gets `answer`, `HEAD` gets the same headers, `Content-Length` among them, and no body.
pub(crate) fn to_method(method: &Method, answer: Answer) -> Answer {
    if *method == Method::HEAD {
        answer.map(|_| Full::default())
    } else {
        answer
    }
}

fn serialized(status: StatusCode, content_type: &'static str, body: &impl Serialize) -> Answer {
    match serde_json::to_vec(body) {
        Ok(body) => answer(status, content_type, body.into()),
        // Numbers, strings and lists of them: there is nothing that could fail. An empty 500 is still better than a panic.
        Err(error) => {
            tracing::error!(%error, "an answer could not be serialized");
            answer(
                StatusCode::INTERNAL_SERVER_ERROR,
                content_type,
                Bytes::new(),
            )
        }
    }
}

fn answer(status: StatusCode, content_type: &'static str, body: Bytes) -> Answer {
    let length = HeaderValue::from(body.len());
    let mut answer = bare(status, body);
    let headers = answer.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    headers.insert(CONTENT_LENGTH, length);
    answer
}

/// What every answer has.
fn bare(status: StatusCode, body: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(body));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    // A presigned URL is a secret for as long as it lives, and no answer is of use a second time.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}

fn with_header(mut answer: Answer, name: HeaderName, value: HeaderValue) -> Answer {
    answer.headers_mut().insert(name, value);
    answer
}
