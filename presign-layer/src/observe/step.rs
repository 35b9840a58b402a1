//! One thing that is asked for one file: its grant, more of its parts, its end.

use tracing::field::Empty;
use tracing::{Instrument, Span};

use super::{OK, measure};
use crate::authorize::Action;
use crate::key::ObjectKey;
use crate::problem::Refused;

/// The span of a file within that of its request, which may be about many. It learns what it is about as that is found out.
#[derive(Debug)]
pub(crate) struct Step {
    action: Action,
    span: Span,
}

impl Step {
    pub(crate) fn new(action: Action) -> Self {
        Self {
            action,
            span: tracing::info_span!(
                "presign.file",
                action = action.name(),
                key = Empty,
                size = Empty,
                subject = Empty,
                outcome = Empty,
            ),
        }
    }

    pub(crate) fn action(&self) -> Action {
        self.action
    }

    /// Which object it is about.
    pub(crate) fn is_of(&self, key: &ObjectKey) {
        self.span.record("key", key.as_str());
    }

    /// The file's bytes.
    pub(crate) fn has_size(&self, size: Option<u64>) {
        self.span.record("size", size);
    }

    /// Who asks, as the application's permit has it.
    pub(crate) fn asked_by(&self, subject: Option<&str>) {
        self.span.record("subject", subject);
    }

    /// Does a part of it. If that is refused, so is the whole.
    pub(crate) async fn during<T>(
        &self,
        work: impl Future<Output = Result<T, Refused>>,
    ) -> Result<T, Refused> {
        self.noted(work.instrument(self.span.clone()).await)
    }

    /// The same, where nothing is waited for.
    pub(crate) fn at_once<T>(
        &self,
        work: impl FnOnce() -> Result<T, Refused>,
    ) -> Result<T, Refused> {
        self.noted(self.span.in_scope(work))
    }

    /// Does the rest of it.
    pub(crate) async fn to_its_end<T>(
        &self,
        work: impl Future<Output = Result<T, Refused>>,
    ) -> Result<T, Refused> {
        let result = self.during(work).await;
        if self.action == Action::Complete {
            measure::completed(match &result {
                Ok(_) => OK,
                Err(refused) => refused.code().as_str(),
            });
        }
        if result.is_ok() {
            self.span.record("outcome", OK);
            let done = done(self.action);
            self.span.in_scope(|| tracing::debug!("{done}"));
        }
        result
    }

    fn noted<T>(&self, result: Result<T, Refused>) -> Result<T, Refused> {
        if let Err(refused) = &result {
            let code = refused.code();
            self.span.record("outcome", code.as_str());
            self.span.in_scope(|| tracing::debug!(%code, "refused"));
        }
        result
    }
}

fn done(action: Action) -> &'static str {
    match action {
        Action::Grant => "an upload is granted",
        Action::Parts => "further parts of an upload are signed",
        Action::Resume => "an upload is resumed",
        Action::Complete => "an upload is complete",
        Action::Abort => "an upload is given up",
        Action::Download => "a download is signed",
    }
}
