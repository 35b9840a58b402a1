//! The application's own code, run so that it can neither take a request down with it nor hold it for ever.

use std::any::Any;
use std::future::{pending, poll_fn};
use std::mem;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::task::Poll;
use std::time::Duration;

use presign_protocol::{ErrorCode, FileError, Problem};

use crate::problem::{file_error, internal, problem};
use crate::timer::{Deadline, Timer};

type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// How the application's code is run.
#[derive(Clone, Debug)]
pub(crate) struct Hooks {
    pub(crate) timer: Timer,
    /// How long one call of it may take.
    pub(crate) limit: Duration,
}

/// Why the application's code has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HookFailure {
    #[error("it panicked")]
    Panicked,
    #[error("it took longer than {0:?}")]
    TimedOut(Duration),
}

impl Hooks {
    /// Runs what `call` makes to its end, or to that of its time. `what` names it for the log.
    pub(crate) async fn run<T: 'static>(
        &self,
        what: &'static str,
        call: impl FnOnce() -> BoxFuture<T>,
    ) -> Result<T, HookFailure> {
        let answered = self.answer(call).await;
        if let Err(error) = &answered {
            tracing::error!(hook = what, %error, "the application's code did not answer");
        }
        answered
    }

    async fn answer<T: 'static>(
        &self,
        call: impl FnOnce() -> BoxFuture<T>,
    ) -> Result<T, HookFailure> {
        let mut running = Running(caught(call)?);
        let mut deadline = Deadline::new(&self.timer, self.limit);
        poll_fn(
            |context| match caught(|| running.0.as_mut().poll(context)) {
                Ok(Poll::Ready(answer)) => Poll::Ready(Ok(answer)),
                Ok(Poll::Pending) => deadline
                    .poll(context)
                    .map(|()| Err(HookFailure::TimedOut(self.limit))),
                Err(panicked) => Poll::Ready(Err(panicked)),
            },
        )
        .await
    }
}

/// The application's code on its way. It may panic when it is dropped, too; uncaught, that would take the rest of its batch along, and the process where
/// another panic is on its way already.
struct Running<T: 'static>(BoxFuture<T>);

impl<T> Drop for Running<T> {
    fn drop(&mut self) {
        let given_up = mem::replace(&mut self.0, Box::pin(pending()));
        if let Err(error) = caught(|| drop(given_up)) {
            tracing::error!(%error, "the application's code could not be given up");
        }
    }
}

impl From<HookFailure> for Problem {
    fn from(failure: HookFailure) -> Self {
        match failure {
            HookFailure::Panicked => internal(&"the application's code panicked"),
            HookFailure::TimedOut(_) => problem(ErrorCode::HookTimedOut, TOO_SLOW),
        }
    }
}

impl From<HookFailure> for FileError {
    fn from(failure: HookFailure) -> Self {
        let Problem { code, detail, .. } = failure.into();
        file_error(code, detail)
    }
}

const TOO_SLOW: &str = "The application did not answer in time. Try again later.";

/// What `work` gives, unless it panics. A panic's message is the application's: it may hold anything, and the process's panic hook has
/// shown it to whoever should see it, so it goes nowhere else.
///
/// What panicked is dropped and never looked at again, and nothing of this crate is shared with it but through locks and atomics.
pub(crate) fn caught<T>(work: impl FnOnce() -> T) -> Result<T, HookFailure> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        discard(payload);
        HookFailure::Panicked
    })
}

/// A payload is of any type, and may itself panic when it is dropped.
fn discard(payload: Box<dyn Any + Send>) {
    if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        mem::forget(again);
    }
}
