//! Uploads files: a few lanes, each sending one file after the other, and the requests that ask for grants ahead of them.
//!
//! ```text
//! Engine ── lane ── lane … one for each file that may be sent at the same time
//!    │        └─ takes the next file, waits for its grant, sends it, reports how it ended
//!    └── batch … asks the endpoint for the grants of up to 100 files at once
//! ```
//!
//! All of them share one [`State`] and are polled together, by the one task that awaits the upload: whoever changes the state
//! need not know who waits for the change.

mod backoff;
mod batch;
mod file;
mod lane;
mod state;

use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::vec::Vec;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll};

pub(crate) use state::State;

type Task = Pin<Box<dyn Future<Output = ()>>>;

pub(crate) struct Engine {
    state: Rc<State>,
    lanes: Vec<Task>,
    batches: Vec<Task>,
}

impl Engine {
    pub(crate) fn new(state: &Rc<State>) -> Self {
        let lanes = (0..state.lanes()).map(|_| Box::pin(lane::run(Rc::clone(state))) as Task);
        Self {
            state: Rc::clone(state),
            lanes: lanes.collect(),
            batches: Vec::new(),
        }
    }

    /// Ready when every file has ended.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        self.state.wake_with(context.waker());
        self.state.end_cancelled();
        loop {
            drive(&mut self.batches, context);
            drive(&mut self.lanes, context);
            let asked = self.state.take_asked();
            if asked.is_empty() {
                break;
            }
            let state = &self.state;
            self.batches.extend(
                asked
                    .into_iter()
                    .map(|files| Box::pin(batch::ask(Rc::clone(state), files)) as Task),
            );
        }
        if self.lanes.is_empty() {
            // Whatever is still being asked for, nobody waits for it.
            self.batches.clear();
            return Poll::Ready(());
        }
        Poll::Pending
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
            .field("batches", &self.batches.len())
            .finish_non_exhaustive()
    }
}
