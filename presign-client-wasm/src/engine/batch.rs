//! One request for the grants of many files.

use alloc::rc::Rc;
use alloc::vec::Vec;

use super::State;
use super::backoff::Backoff;
use super::file::{File, Permission};
use crate::sys;
use crate::sys::value::list;

/// Asks for the grants of `files` until each has one or a reason why not.
pub(super) async fn ask(state: Rc<State>, mut files: Vec<Rc<File>>) {
    let mut backoff = Backoff::new(state.retry);
    loop {
        let sources = list(files.iter().map(|file| file.source.0.clone()));
        let error = match state.endpoint.grants(&sources, state.resumes).await {
            Ok(answers) => {
                for (file, answer) in files.iter().zip(answers) {
                    state.answered(file, answer);
                }
                return;
            }
            Err(error) => error,
        };
        if error.asks_for_fewer() && files.len() > 1 {
            let fewer = files.len() / 2;
            // One file alone may be what makes the request too large: the batches to come do not get smaller for it.
            if error.is_too_many_files() {
                state.ask_for_fewer(fewer);
            }
            while files.len() > fewer
                && let Some(file) = files.pop()
            {
                file.permission.set(Permission::Unknown);
            }
            continue;
        }
        let Some(delay) = backoff.delay(&error, sys::random()) else {
            for file in &files {
                file.permission.set(Permission::Refused(error.clone()));
            }
            return;
        };
        for file in &files {
            state.retrying(file, None, backoff.attempt, delay, &error);
        }
        backoff.wait(delay).await;
    }
}
