//! From a request to an answer: one file per endpoint, and what they share.

mod grant;
mod guide;
mod media;
mod query;
mod reading;
mod sign;

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Method, Request};
use http_body::Body;
use presign_protocol::ErrorCode;

use crate::BoxError;
use crate::answer::{self, Answer};
use crate::core::Core;
use crate::mount::Route;
use crate::problem::{excerpt, problem};
use reading::Reading;

/// An answer on its way.
pub(crate) enum Work<B> {
    Done(Option<Answer>),
    /// The body is being read; then the files are decided on.
    Reading(Pin<Box<Reading<B>>>),
    Deciding(Deciding),
}

type Deciding = Pin<Box<dyn Future<Output = Answer> + Send>>;

impl<B> Work<B> {
    fn done(answer: Answer) -> Self {
        Self::Done(Some(answer))
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
                Self::Reading(reading) => {
                    *self = match ready!(reading.as_mut().poll(context)) {
                        Ok(read) => Self::Deciding(Box::pin(grant::answer(read))),
                        Err(problem) => Self::done(answer::problem(&problem)),
                    }
                }
                Self::Deciding(deciding) => return deciding.as_mut().poll(context),
            }
        }
    }
}

/// Begins to answer a request whose path is `route`.
pub(crate) fn start<B>(core: &Arc<Core>, route: Route, request: Request<B>) -> Work<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    match (route, request.method()) {
        (Route::Unknown, method) => {
            Work::done(answer::to_method(method, not_found(core, &request)))
        }
        (_, &Method::OPTIONS) => Work::done(answer::options(route.allowed())),
        (Route::Limits, method @ (&Method::GET | &Method::HEAD)) => Work::done(answer::to_method(
            method,
            answer::json(&core.rules.limits()),
        )),
        (Route::Grant, &Method::GET | &Method::HEAD) => {
            let (core, (parts, _)) = (Arc::clone(core), request.into_parts());
            let method = parts.method.clone();
            Work::Deciding(Box::pin(async move {
                answer::to_method(&method, guide::answer(&core, parts).await)
            }))
        }
        (Route::Grant, &Method::POST) => match Reading::start(core, request) {
            Ok(reading) => Work::Reading(Box::pin(reading)),
            Err(problem) => Work::done(answer::problem(&problem)),
        },
        (_, method) => {
            let allowed = route.allowed();
            let problem = problem(
                ErrorCode::MethodNotAllowed,
                format!(
                    "{} is not among the methods here: {allowed}.",
                    excerpt(method.as_str())
                ),
            );
            Work::done(answer::with_allow(answer::problem(&problem), allowed))
        }
    }
}

fn not_found<B>(core: &Core, request: &Request<B>) -> Answer {
    answer::problem(&problem(
        ErrorCode::NotFound,
        format!(
            "`{}` is no endpoint; here are `{}` and, below it, `{}`.",
            excerpt(request.uri().path()),
            core.mount,
            presign_protocol::LIMITS_PATH,
        ),
    ))
}
