//! From a request to an answer: one file per endpoint, and what they share.

mod abort;
mod complete;
mod download;
mod grant;
mod granted;
mod guide;
mod json;
mod media;
mod object;
#[cfg(feature = "openapi")]
mod openapi;
mod parts;
mod permission;
mod query;
mod quota;
mod reading;
mod resume;
mod sign;
mod signer;
mod store_error;
mod upload;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Method, Request};
use http_body::Body;
use presign_protocol::ErrorCode;

use crate::BoxError;
use crate::answer::{self, Answer};
use crate::core::Core;
use crate::hook::caught;
use crate::mount::{Mount, Route};
use crate::problem::{excerpt, problem};
use reading::{Read, Reading};

/// Requests to the store that one request to these endpoints makes at once.
const AT_ONCE: usize = 8;

/// An example of a body that names one upload and nothing more.
const TOKEN_EXPECTED: &str = r#"{"token":"…"}"#;

/// An answer on its way.
pub(crate) enum Work<B> {
    Done(Option<Answer>),
    /// The body is being read; then the endpoint decides.
    Reading(Pin<Box<Reading<B>>>, Decide),
    Deciding(Deciding),
}

type Deciding = Pin<Box<dyn Future<Output = Answer> + Send>>;
type Decide = fn(Read) -> Deciding;

impl<B> Work<B> {
    fn done(answer: Answer) -> Self {
        Self::Done(Some(answer))
    }

    /// Nobody waits for the answer any more.
    pub(crate) fn give_up(&mut self) {
        *self = Self::Done(None);
    }
}

impl<B> Work<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Answer> {
        loop {
            match self {
                Self::Done(answer) => return answer.take().map_or(Poll::Pending, Poll::Ready),
                Self::Reading(reading, decide) => {
                    *self = match ready!(reading.as_mut().poll(context)) {
                        Ok(read) => Self::Deciding(decide(read)),
                        Err(problem) => Self::done(answer::problem(&problem)),
                    }
                }
                // Hooks are caught one by one; this is for the application's other code (keys, clock, credentials…), and for our own
                // mistakes. A panic that goes on would tear the connection down, and with it every request that shares it.
                Self::Deciding(deciding) => {
                    return match caught(|| deciding.as_mut().poll(context)) {
                        Ok(polled) => polled,
                        Err(panicked) => Poll::Ready(answer::problem(&panicked.into())),
                    };
                }
            }
        }
    }
}

/// Begins to answer a request whose path is `route`. `HEAD` is answered as `GET` is; no body leaves with it.
pub(crate) fn start<B>(core: &Arc<Core>, route: Route, request: Request<B>) -> Work<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    let route = match route {
        Route::Download if !core.downloads => Route::Unknown,
        route => route,
    };
    let allowed = core.origins.as_ref();
    let checked = allowed.map(|origins| match route {
        // A link or an image of another page is what it is for, and changes nothing.
        Route::Download => origins.check_named(request.headers()),
        _ => origins.check(request.headers()),
    });
    if let Some(Err(problem)) = checked {
        return Work::done(answer::problem(&problem));
    }
    match (route, request.method()) {
        (Route::Unknown, _) => Work::done(not_found(core, &request)),
        (_, &Method::OPTIONS) => Work::done(answer::options(route.allowed())),
        (Route::Limits, &Method::GET | &Method::HEAD) => {
            Work::done(answer::json(&core.rules.limits()))
        }
        #[cfg(feature = "openapi")]
        (Route::OpenApi, &Method::GET | &Method::HEAD) => Work::done(openapi::answer(core)),
        (Route::Grant, &Method::GET | &Method::HEAD) => {
            let (core, (parts, _)) = (Arc::clone(core), request.into_parts());
            Work::Deciding(Box::pin(async move { guide::answer(&core, parts).await }))
        }
        (Route::Download, &Method::GET | &Method::HEAD) => {
            let (core, (parts, _)) = (Arc::clone(core), request.into_parts());
            Work::Deciding(Box::pin(
                async move { download::answer(&core, parts).await },
            ))
        }
        (Route::Grant, &Method::POST) => {
            reading(core, request, |read| Box::pin(grant::answer(read)))
        }
        (Route::Parts, &Method::POST) => {
            reading(core, request, |read| Box::pin(parts::answer(read)))
        }
        (Route::Resume, &Method::POST) => {
            reading(core, request, |read| Box::pin(resume::answer(read)))
        }
        (Route::Complete, &Method::POST) => {
            reading(core, request, |read| Box::pin(complete::answer(read)))
        }
        (Route::Abort, &Method::POST) => {
            reading(core, request, |read| Box::pin(abort::answer(read)))
        }
        (_, method) => Work::done(not_allowed(route, method)),
    }
}

fn reading<B>(core: &Arc<Core>, request: Request<B>, decide: Decide) -> Work<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    match Reading::start(core, request) {
        Ok(reading) => Work::Reading(Box::pin(reading), decide),
        Err(problem) => Work::done(answer::problem(&problem)),
    }
}

fn not_allowed(route: Route, method: &Method) -> Answer {
    let allowed = route.allowed();
    let problem = problem(
        ErrorCode::MethodNotAllowed,
        format!(
            "{} is not among the methods here: {allowed}.",
            excerpt(method.as_str())
        ),
    );
    answer::with_allow(answer::problem(&problem), allowed)
}

fn not_found<B>(core: &Core, request: &Request<B>) -> Answer {
    answer::problem(&problem(
        ErrorCode::NotFound,
        format!(
            "`{}` is no endpoint; here are `{}` and, below it, {}.",
            excerpt(request.uri().path()),
            core.mount,
            Mount::below((!core.downloads).then_some(Route::Download)),
        ),
    ))
}
