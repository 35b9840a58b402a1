//! One file after the other.

use alloc::rc::Rc;

use super::State;
use super::backoff::Backoff;
use super::file::{File, Permission};
use super::state::unless_cancelled;
use crate::sys::{self, request, whole};
use crate::{Outcome, UploadError};

/// Uploads files until none is left to begin.
pub(super) async fn run(state: Rc<State>) {
    while let Some(file) = state.next() {
        let outcome = match unless_cancelled(&file, send(&state, &file)).await {
            Some(Ok(done)) => done,
            Some(Err(error)) => Outcome::Failed { error },
            None => Outcome::Cancelled,
        };
        state.end(&file, outcome);
    }
}

async fn send(state: &Rc<State>, file: &Rc<File>) -> Result<Outcome, UploadError> {
    let mut backoff = Backoff::new(state.retry);
    loop {
        let grant = state.grant(file).await?;
        state.begin(file);
        let (told, of) = (Rc::clone(state), Rc::clone(file));
        let on_progress = move |bytes| told.sent(&of, whole(bytes));
        let sent = request::put(&grant.url, &grant.headers, &file.source.blob, on_progress);
        let error = match sent.await {
            Ok(etag) => {
                let key = grant.key.clone();
                return Ok(Outcome::Done { key, etag });
            }
            Err(error) => error,
        };
        // The key is taken, on a further attempt: the one before may have arrived although its answer was lost. Whose object it is
        // cannot be told from here, so the file goes under another key, if the server makes another.
        if error.status() == Some(412) && backoff.attempt > 1 && backoff.is_more_left() {
            file.permission.replace(Permission::Unknown);
            if state.grant(file).await?.key == grant.key {
                return Err(error);
            }
            backoff.attempt += 1;
            continue;
        }
        let Some(delay) = backoff.delay(&error, sys::random()) else {
            return Err(error);
        };
        state.retrying(file, backoff.attempt, delay, &error);
        backoff.wait(delay).await;
    }
}
