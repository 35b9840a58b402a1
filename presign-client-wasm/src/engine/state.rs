//! What is known of every file. Shared by all that works on one upload; nothing is borrowed while anybody waits or is told anything.

use alloc::rc::Rc;
use alloc::vec::Vec;
use core::cell::{Cell, RefCell};
use core::fmt;
use core::future::poll_fn;
use core::pin::pin;
use core::task::{Poll, Waker};
use core::time::Duration;

use presign_protocol::DEFAULT_MAX_FILES;

use super::file::{File, Permission};
use crate::endpoint::{Answer, Endpoint, Grant};
use crate::options::OnEvent;
use crate::progress::Meter;
use crate::sys::now;
use crate::{Event, Options, Outcome, Retry, Source, UploadError, UploadResult};

/// Milliseconds between two reports of one file's progress: browsers differ, and WebKit fires thousands.
const TELL_EVERY: f64 = 50.0;

pub(crate) struct State {
    endpoint: Endpoint,
    concurrency: usize,
    pub(super) retry: Retry,
    on_event: RefCell<OnEvent>,

    files: Vec<Rc<File>>,
    meter: Cell<Meter>,
    /// No file before this one is still to begin.
    next: Cell<usize>,
    /// Files that one request may ask for.
    batch_size: Cell<usize>,
    /// Batches that are to be asked for.
    asked: Cell<Vec<Vec<Rc<File>>>>,
    /// Wakes the task that awaits the upload.
    waker: Cell<Option<Waker>>,
}

impl State {
    pub(crate) fn new(sources: impl Iterator<Item = Source>, options: Options) -> Self {
        let files: Vec<_> = sources
            .enumerate()
            .map(|(index, source)| Rc::new(File::new(index, source)))
            .collect();
        Self {
            endpoint: options.endpoint,
            concurrency: options.concurrency,
            retry: options.retry,
            on_event: RefCell::new(options.on_event),
            meter: Cell::new(Meter::new(files.iter().map(|file| file.counted.get().size))),
            files,
            next: Cell::new(0),
            batch_size: Cell::new(DEFAULT_MAX_FILES),
            asked: Cell::default(),
            waker: Cell::new(None),
        }
    }

    /// What became of each file; one that has not ended is cancelled.
    pub(crate) fn results(&self) -> Vec<UploadResult> {
        self.files.iter().map(|file| file.result()).collect()
    }

    /// Cancels the file at `index`, or all. They may be cancelled at any time, from within a callback too, so this only leaves word.
    pub(crate) fn cancel(&self, index: Option<usize>) {
        for file in &self.files {
            if index.is_none_or(|index| file.index == index) {
                file.cancelled.set(true);
            }
        }
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    pub(super) fn lanes(&self) -> usize {
        self.concurrency.min(self.files.len())
    }

    pub(super) fn wake_with(&self, waker: &Waker) {
        self.waker.set(Some(waker.clone()));
    }

    /// Ends the cancelled files that no lane has begun; a lane ends its own.
    pub(super) fn end_cancelled(&self) {
        for file in self.files.iter().skip(self.next.get()) {
            if file.cancelled.get() && file.is_waiting() {
                self.end(file, Outcome::Cancelled);
            }
        }
    }

    /// The next file to begin, if there is one left. The grants of those that follow are asked for in time.
    pub(super) fn next(&self) -> Option<Rc<File>> {
        let rest = || self.files.iter().skip(self.next.get());
        let file = rest().find(|file| file.is_waiting())?;
        file.begun.set(true);
        self.next.set(file.index);

        let unknown = |file: &&Rc<File>| {
            !file.has_ended() && matches!(*file.permission.borrow(), Permission::Unknown)
        };
        if let Some(first) = rest().take(2 * self.lanes()).find(unknown) {
            self.ask_from(first.index);
        }
        self.next.set(file.index + 1);
        Some(Rc::clone(file))
    }

    /// The file's grant, once it is there. One that would expire before it is used is asked for again.
    pub(super) async fn grant(&self, file: &File) -> Result<Rc<Grant>, UploadError> {
        poll_fn(|_| {
            let permission = file.permission.borrow().clone();
            if !permission.is_known(now()) {
                self.ask_from(file.index);
                return Poll::Pending;
            }
            match permission {
                Permission::Granted { grant, .. } => Poll::Ready(Ok(grant)),
                Permission::Refused(error) => Poll::Ready(Err(error)),
                Permission::Unknown | Permission::Asked => Poll::Pending,
            }
        })
        .await
    }

    /// Leaves word that the file at `index` needs a grant, and as many of those that follow and need one as go into one request.
    fn ask_from(&self, index: usize) {
        let now = now();
        let rest = self.files.iter().skip(index);
        let members: Vec<_> = rest
            .filter(|file| file.needs_grant(now))
            .take(self.batch_size.get())
            .cloned()
            .collect();
        for file in &members {
            file.permission.replace(Permission::Asked);
        }
        if !members.is_empty() {
            let mut asked = self.asked.take();
            asked.push(members);
            self.asked.set(asked);
        }
    }

    pub(super) fn take_asked(&self) -> Vec<Vec<Rc<File>>> {
        self.asked.take()
    }

    pub(super) async fn ask(&self, files: &[Rc<File>]) -> Result<Vec<Answer>, UploadError> {
        self.endpoint
            .grants(files.iter().map(|file| &file.source))
            .await
    }

    /// One request may ask for no more than `size` files.
    pub(super) fn ask_for_fewer(&self, size: usize) {
        self.batch_size.set(self.batch_size.get().min(size));
    }

    /// An attempt begins to send the file from its first byte.
    pub(super) fn begin(&self, file: &File) {
        let (mut meter, mut counted) = (self.meter.get(), file.counted.get());
        meter.begin(&mut counted, now());
        file.counted.set(counted);
        self.meter.set(meter);
        if !file.started.replace(true) {
            self.tell(Event::Start { index: file.index });
        }
    }

    /// The attempt has sent this many bytes so far.
    pub(super) fn sent(&self, file: &File, bytes: u64) {
        let now = now();
        let (mut meter, mut counted) = (self.meter.get(), file.counted.get());
        let was_whole = counted.is_whole();
        meter.sent(&mut counted, bytes, now);
        file.counted.set(counted);
        self.meter.set(meter);
        // A file that is sent again stays whole for all of the next attempt.
        if (counted.is_whole() && !was_whole) || now - file.told_at.get() >= TELL_EVERY {
            file.told_at.set(now);
            self.tell(Event::Progress {
                file: counted.progress(file.index),
                progress: meter.progress(),
            });
        }
    }

    /// An attempt for `file` failed; the next one follows. If no lane has begun it, there is nothing to tell yet.
    pub(super) fn retrying(&self, file: &File, attempt: u32, delay: Duration, error: &UploadError) {
        if file.begun.get() && !file.has_ended() {
            self.tell(Event::Retry {
                index: file.index,
                attempt,
                delay,
                error: error.clone(),
            });
        }
    }

    pub(super) fn end(&self, file: &File, outcome: Outcome) {
        let mut meter = self.meter.get();
        meter.end(file.counted.get(), &outcome);
        self.meter.set(meter);
        file.permission.replace(Permission::Unknown);
        file.outcome.replace(Some(outcome));
        self.tell(Event::End {
            result: file.result(),
            progress: meter.progress(),
        });
    }

    /// Nothing else is borrowed meanwhile: the application may cancel from within.
    fn tell(&self, event: Event) {
        if let Ok(mut on_event) = self.on_event.try_borrow_mut() {
            on_event(event);
        }
    }
}

/// `work`'s output, or `None` as soon as the file is cancelled; `work` is dropped then.
pub(super) async fn unless_cancelled<T>(file: &File, work: impl Future<Output = T>) -> Option<T> {
    let mut work = pin!(work);
    poll_fn(|context| {
        if file.cancelled.get() {
            return Poll::Ready(None);
        }
        work.as_mut().poll(context).map(Some)
    })
    .await
}

impl fmt::Debug for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("State")
            .field("files", &self.files.len())
            .field("next", &self.next.get())
            .finish_non_exhaustive()
    }
}
