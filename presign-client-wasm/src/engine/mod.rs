//! Uploads files: a few lanes, each doing one thing after the other, and the requests that ask for permission ahead of them.
//!
//! ```text
//! Engine ── recall … looks whether any file was begun earlier
//!    ├── lane ── lane … one for each request to the store that may be under way
//!    │     ├─ begins the next file: goes on with what was begun earlier, or waits for its grant;
//!    │     │  a small file is sent at once (part), a large one becomes parts (multipart, parts)
//!    │     └─ sends a part (part)
//!    ├── batch … asks the endpoint for the grants of up to 100 files at once
//!    ├── window … asks the endpoint for the URLs of up to 100 parts at once
//!    └── complete (part) … has the endpoint complete what is sent; `js/gather.js` makes few requests of many files'
//! ```
//!
//! All of them share one [`State`] and are polled together, by the one task that awaits the upload: whoever changes the state
//! need not know who waits for the change.

mod backoff;
mod batch;
mod file;
mod lane;
mod multipart;
mod part;
mod parts;
mod state;
mod window;

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

pub(crate) use state::State;
use state::{Errand, Job};

type Task = Pin<Box<dyn Future<Output = ()>>>;

pub(crate) struct Engine {
    state: Rc<State>,
    /// Before anything else.
    first: Vec<Task>,
    lanes: Vec<Task>,
    errands: Vec<Task>,
}

impl Engine {
    pub(crate) fn new(state: &Rc<State>) -> Self {
        let lanes = (0..state.lanes()).map(|_| Box::pin(lane::run(Rc::clone(state))) as Task);
        Self {
            first: Vec::from([Box::pin(state::recall(Rc::clone(state))) as Task]),
            lanes: lanes.collect(),
            errands: Vec::new(),
            state: Rc::clone(state),
        }
    }

    /// Ready when every file has ended.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.state.wake_with(context.waker());
        self.state.end_cancelled();
        drive(&mut self.first, context);
        if !self.first.is_empty() {
            return Poll::Pending;
        }
        loop {
            drive(&mut self.errands, context);
            drive(&mut self.lanes, context);
            let new = self.state.take_errands();
            if new.is_empty() && !self.state.was_stirred() {
                break;
            }
            let state = &self.state;
            self.errands
                .extend(new.into_iter().map(|errand| run(state, errand)));
        }
        self.state.flush_if_idle();
        if self.lanes.is_empty() {
            // Whatever is still being asked for, nobody waits for it.
            self.errands.clear();
            return Poll::Ready(());
        }
        Poll::Pending
    }
}

fn run(state: &Rc<State>, errand: Errand) -> Task {
    let state = Rc::clone(state);
    match errand {
        Errand::Complete(file, upload) => {
            Box::pin(async move { lane::perform(&state, &file, Job::Complete(upload)).await })
        }
        Errand::Grants(files) => Box::pin(batch::ask(state, files)),
        Errand::Parts(file, upload, from) => Box::pin(window::ask(state, file, upload, from)),
    }
}

fn drive(tasks: &mut Vec<Task>, context: &mut Context<'_>) {
    tasks.retain_mut(|task| task.as_mut().poll(context).is_pending());
}

impl fmt::Debug for Engine {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Engine")
            .field("lanes", &self.lanes.len())
            .field("errands", &self.errands.len())
            .finish_non_exhaustive()
    }
}
