//! One request to these endpoints, from its beginning to the answer that leaves.

use std::sync::Arc;
use std::task::{Context, Poll, ready};

use http::{Method, Request};
use http_body::Body;
use presign_protocol::ErrorCode;
use tracing::Span;
use tracing::field::Empty;

use super::measure::{self, Stopwatch};
use super::{ABANDONED, Ids, OK};
use crate::BoxError;
use crate::answer::{self, Answer};
use crate::core::Core;
use crate::endpoint::{self, Work};
use crate::mount::Route;
use crate::problem::excerpt;

/// The work on an answer, within the request's span.
pub(crate) struct Observed<B> {
    work: Work<B>,
    span: Span,
    ids: Ids,
    method: Method,
    endpoint: &'static str,
    began: Stopwatch,
    answered: bool,
}

impl<B> Observed<B>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    /// Begins to answer a request whose path is `route`.
    pub(crate) fn start(core: &Arc<Core>, route: Route, request: Request<B>) -> Self {
        let began = Stopwatch::start();
        let ids = Ids::of(request.headers());
        let method = request.method().clone();
        let endpoint = endpoint(route, &method);
        let span = tracing::info_span!(
            "presign.request",
            mount = core.mount.as_str(),
            endpoint,
            method = &*excerpt(method.as_str()),
            request_id = ids.request_id.as_deref(),
            traceparent = ids.traceparent.as_deref(),
            status = Empty,
            outcome = Empty,
        );
        let work = span.in_scope(|| endpoint::start(core, route, request));
        Self {
            work,
            span,
            ids,
            method,
            endpoint,
            began,
            answered: false,
        }
    }

    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<Answer> {
        let _within = self.span.enter();
        let answer = ready!(self.work.poll(context));
        let (answer, problem) = self.ids.on_answer(answer);
        let status = answer.status().as_u16();
        let code = problem.map(|problem| problem.code);
        let outcome = code.map_or(OK, ErrorCode::as_str);
        self.span.record("status", status);
        self.span.record("outcome", outcome);
        tracing::debug!(status, outcome, "a request is answered");
        if let Some(code) = code {
            measure::refused(code);
        }
        measure::request(self.endpoint, outcome, self.began);
        self.answered = true;
        Poll::Ready(answer::to_method(&self.method, answer))
    }
}

impl<B> Drop for Observed<B> {
    fn drop(&mut self) {
        if !self.answered {
            self.span.record("outcome", ABANDONED);
            let _within = self.span.enter();
            tracing::debug!("nobody waits for the answer any more");
            measure::request(self.endpoint, ABANDONED, self.began);
            self.work.give_up();
        }
    }
}

fn endpoint(route: Route, method: &Method) -> &'static str {
    match (route, method) {
        (Route::Grant, &Method::GET | &Method::HEAD) => "guide",
        _ => route.name(),
    }
}
