//! One thing after the other.

use alloc::rc::Rc;

use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;

use super::file::File;
use super::state::{Job, until_stopped};
use super::{State, part};
use crate::endpoint::Grant;
use crate::progress::Counted;
use crate::sys::{request, whole};
use crate::{Event, Outcome, UploadError};

/// Does what there is to do until every file has ended.
pub(super) async fn run(state: Rc<State>) {
    while let Some((file, job)) = state.job().await {
        state.busy.set(state.busy.get() + 1);
        perform(&state, &file, job).await;
        state.busy.set(state.busy.get() - 1);
    }
}

/// Does one thing for a file, and what comes of it.
pub(super) async fn perform(state: &Rc<State>, file: &Rc<File>, job: Job) {
    let work = async {
        match &job {
            Job::Begin => begin(state, file).await,
            Job::Part(upload, number) => part::send(state, file, Some((upload, *number))).await,
            Job::Complete(upload) => part::complete(state, file, upload).await,
        }
    };
    let done = until_stopped(file, work).await;
    state.over(file, &job, done.is_none());
    match done {
        Some(Ok(Some(outcome))) => state.end(file, outcome),
        Some(Err(error)) => state.fail(file, error),
        Some(Ok(None)) | None => {}
    }
}

/// Sends the file if it goes in one piece; otherwise the next jobs are its parts.
async fn begin(state: &Rc<State>, file: &Rc<File>) -> Result<Option<Outcome>, UploadError> {
    if go_on(state, file).await? {
        return Ok(None);
    }
    let grant = state.grant(file).await?;
    if grant.is_in_parts() {
        return state.begin_upload(file, grant).map(|()| None);
    }
    part::send(state, file, None).await
}

/// Goes on with what was begun earlier, perhaps before the page was closed, if it is of the same bytes.
async fn go_on(state: &Rc<State>, file: &Rc<File>) -> Result<bool, UploadError> {
    let earlier = file.earlier.get();
    if earlier.is_undefined() {
        return Ok(false);
    }
    let (told, of) = (Rc::clone(state), Rc::clone(file));
    let on_found: Closure<dyn FnMut(f64)> = Closure::new(move |bytes| {
        if bytes == 0.0 {
            of.counted.with(Counted::all_lost);
        }
        told.count(&of, whole(bytes), true);
    });
    let ask = || {
        let (endpoint, source) = (&state.endpoint.0, &file.source.0);
        let (hashes, on_found) = (state.hashes.as_ref(), on_found.as_ref());
        request::go_on(endpoint, source, &earlier, hashes, on_found)
    };
    let answer = state.persist(file, &ask).await?;
    file.earlier.set(JsValue::UNDEFINED);
    if answer.is_undefined() {
        return Ok(false);
    }
    let grant = match Grant::of(answer) {
        Ok(grant) => grant,
        Err(error) => {
            file.counted.with(Counted::all_lost);
            let index = file.index;
            state.tell(Event::Restart { index, error });
            return Ok(false);
        }
    };
    state.begin_upload(file, Rc::new(grant))?;
    state.tell(Event::Resume {
        index: file.index,
        loaded: file.progress().loaded,
    });
    Ok(true)
}
