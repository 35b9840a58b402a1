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
use wasm_bindgen::JsValue;

use super::backoff::Backoff;
use super::file::{File, Permission};
use super::multipart::Multipart;
use super::parts::Parts;
use crate::endpoint::{Answer, Endpoint, Grant};
use crate::keep::Keep;
use crate::options::OnEvent;
use crate::progress::{Counted, Meter};
use crate::sys::value::{get_count, items, list};
use crate::sys::{self, Hashes, Reply, now, request};
use crate::{Event, Options, Outcome, Progress, Retry, Source, UploadError, UploadResult};

/// Milliseconds between two reports of one file's progress: browsers differ, and WebKit fires thousands.
const TELL_EVERY: f64 = 50.0;

/// No browser has more requests under way.
const MOST: usize = 256;

/// How often one file is begun anew because its upload was lost.
const RESTARTS: u32 = 2;

pub(crate) struct State {
    pub(super) endpoint: Endpoint,
    concurrency: usize,
    pub(super) retry: Retry,
    /// Makes what sums up bytes.
    pub(super) hashes: Hashes,
    pub(super) resumes: bool,
    pub(super) only: JsValue,
    on_event: RefCell<OnEvent>,

    pub(super) files: Vec<Rc<File>>,
    meter: Keep<Meter>,
    /// Files that have not ended.
    open: Cell<usize>,
    /// Files that go in parts and have begun to, and those that were sent whole and are to be completed.
    uploads: Keep<Vec<Rc<File>>>,
    /// Some file is to be cancelled.
    cancelled: Cell<bool>,
    /// No file before this one is still to begin.
    next: Cell<usize>,
    /// Files that one request may ask for.
    batch_size: Cell<usize>,
    /// Lanes that have something to do.
    pub(super) busy: Cell<usize>,
    /// Requests to the endpoint that are to be made.
    errands: Cell<Vec<Errand>>,
    /// Something changed that somebody may have been waiting for.
    stirred: Cell<bool>,
    /// Wakes the task that awaits the upload.
    waker: Cell<Option<Waker>>,
}

/// What is asked of the endpoint ahead of its need.
pub(super) enum Errand {
    /// Grants of many files.
    Grants(Vec<Rc<File>>),
    /// URLs of parts from the one of this number on.
    Parts(Rc<File>, Rc<Multipart>, u32),
    /// The object that an upload becomes.
    Complete(Rc<File>, Rc<Multipart>),
}

/// What is done for a file: by a lane, or, to complete it, by nobody's leave.
pub(super) enum Job {
    /// All of it, or what comes before its parts.
    Begin,
    Part(Rc<Multipart>, u32),
    Complete(Rc<Multipart>),
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
            hashes: sys::hashes(),
            resumes: options.resume,
            only: options.only,
            on_event: RefCell::new(options.on_event),
            meter: Keep::new(Meter::new(files.iter().map(|file| file.size()))),
            open: Cell::new(files.len()),
            files,
            uploads: Keep::default(),
            cancelled: Cell::new(false),
            next: Cell::new(0),
            batch_size: Cell::new(DEFAULT_MAX_FILES),
            busy: Cell::new(0),
            errands: Cell::default(),
            stirred: Cell::new(false),
            waker: Cell::new(None),
        }
    }

    /// What became of each file; one that has not ended is cancelled.
    pub(crate) fn results(&self) -> Vec<UploadResult> {
        self.files.iter().map(|file| file.result()).collect()
    }

    /// Cancels the file at `index`, or all. They may be cancelled at any time, from within a callback too, so this only leaves word.
    pub(crate) fn cancel(&self, index: Option<usize>) {
        for file in self.unended(index) {
            file.cancelled.set(true);
        }
        self.cancelled.set(true);
        self.wake();
    }

    /// Stops sending the file at `index`, or all, until they are resumed.
    pub(crate) fn pause(&self, index: Option<usize>) {
        for file in self.unended(index) {
            if !file.paused.replace(true) {
                file.stop();
            }
        }
        self.wake();
    }

    /// Goes on with what was paused.
    pub(crate) fn resume(&self, index: Option<usize>) {
        for file in self.unended(index) {
            if file.paused.replace(false) {
                self.meter.with(Meter::rest);
                file.counted.with(Counted::rest);
            }
        }
        self.wake();
    }

    fn unended(&self, index: Option<usize>) -> impl Iterator<Item = &Rc<File>> {
        let meant = move |file: &&Rc<File>| index.is_none_or(|index| file.index == index);
        self.files
            .iter()
            .filter(meant)
            .filter(|file| !file.has_ended())
    }

    pub(super) fn lanes(&self) -> usize {
        self.concurrency.min(MOST)
    }

    pub(super) fn wake_with(&self, waker: &Waker) {
        self.waker.set(Some(waker.clone()));
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Somebody may have been waiting for what has just changed.
    pub(super) fn stir(&self) {
        self.stirred.set(true);
    }

    pub(super) fn was_stirred(&self) -> bool {
        self.stirred.replace(false)
    }

    /// Ends the files that were cancelled.
    pub(super) fn end_cancelled(&self) {
        if !self.cancelled.replace(false) {
            return;
        }
        for file in self.unended(None) {
            if file.cancelled.get() {
                self.end(file, Outcome::Cancelled);
            }
        }
    }

    /// What a lane is to do next, once there is something; `None` when every file has ended. The parts of those that have begun go first, in the
    /// order in which they did.
    pub(super) async fn job(&self) -> Option<(Rc<File>, Job)> {
        poll_fn(|_| {
            if self.open.get() == 0 {
                return Poll::Ready(None);
            }
            let part = self.uploads.with(|files| {
                let mut files = files.iter();
                files.find_map(|file| Some((Rc::clone(file), self.part_of(file)?)))
            });
            let job = part.or_else(|| Some((self.next()?, Job::Begin)));
            job.map_or(Poll::Pending, |job| Poll::Ready(Some(job)))
        })
        .await
    }

    /// The job has come to its end, or was stopped before and is to be done later.
    pub(super) fn over(&self, file: &File, job: &Job, stopped: bool) {
        match job {
            Job::Begin if stopped => self.put_back(file),
            Job::Part(upload, number) if stopped => {
                upload.parts.with(|parts| parts.put_back(*number));
            }
            Job::Complete(upload) => upload.completing.set(false),
            Job::Begin | Job::Part(..) => {}
        }
        self.stir();
    }

    /// The file is to be begun (again).
    fn put_back(&self, file: &File) {
        file.begun.set(false);
        self.next.set(self.next.get().min(file.index));
    }

    /// The next part of a file.
    fn part_of(&self, file: &Rc<File>) -> Option<Job> {
        let upload = file.upload.get().filter(|_| !file.paused.get())?;
        let number = upload.parts.with(Parts::take)?;
        let ahead = 2 * self.lanes();
        if let Some(from) = upload
            .parts
            .with(|parts| parts.unsigned(number, now(), ahead))
        {
            self.ask_for_parts(file, &upload, from);
        }
        Some(Job::Part(upload, number))
    }

    /// The next file to begin, if there is one left. The grants of those that follow are asked for in time.
    fn next(&self) -> Option<Rc<File>> {
        let rest = || self.files.iter().skip(self.next.get());
        let first = rest().find(|file| file.is_waiting())?;
        self.next.set(first.index);
        let file = rest().find(|file| file.is_waiting() && !file.paused.get())?;
        file.begun.set(true);

        let unknown = |file: &&Rc<File>| {
            matches!(file.permission.get(), Permission::Unknown) && file.needs_grant(now())
        };
        let ahead = self.files.iter().skip(file.index);
        if let Some(first) = ahead.take(2 * self.lanes()).find(unknown) {
            self.ask_from(first.index);
        }
        Some(Rc::clone(file))
    }

    /// The file's grant, once it is there. One that would expire before it is used is asked for again.
    pub(super) async fn grant(&self, file: &File) -> Result<Rc<Grant>, UploadError> {
        poll_fn(|_| {
            let permission = file.permission.get();
            if !permission.is_known(now()) {
                self.ask_from(file.index);
                return Poll::Pending;
            }
            match permission {
                Permission::Granted(grant) => Poll::Ready(Ok(grant)),
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
            file.permission.set(Permission::Asked);
        }
        if !members.is_empty() {
            self.send_for(Errand::Grants(members));
        }
    }

    /// The file goes by this upload from now on.
    pub(super) fn begin_upload(
        &self,
        file: &Rc<File>,
        grant: Rc<Grant>,
    ) -> Result<(), UploadError> {
        let upload = Multipart::of(grant, file.size()).ok_or_else(UploadError::incomplete)?;
        file.upload.set(Some(Rc::new(upload)));
        self.uploads.with(|files| files.push(Rc::clone(file)));
        Ok(())
    }

    /// The file's upload, if it had one, is of no interest any more.
    fn end_upload(&self, file: &File) {
        self.uploads
            .with(|files| files.retain(|other| other.index != file.index));
    }

    /// The part's URL, once it is there.
    pub(super) async fn url(
        &self,
        file: &Rc<File>,
        upload: &Rc<Multipart>,
        number: u32,
    ) -> JsValue {
        poll_fn(|_| {
            let url = upload.parts.with(|parts| parts.url(number, now()));
            if url.is_none() {
                self.ask_for_parts(file, upload, number);
            }
            url.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// Leaves word that URLs are needed from this part on, unless there are some on their way.
    fn ask_for_parts(&self, file: &Rc<File>, upload: &Rc<Multipart>, from: u32) {
        if !upload.asked.replace(true) {
            self.send_for(Errand::Parts(Rc::clone(file), Rc::clone(upload), from));
        }
    }

    fn send_for(&self, errand: Errand) {
        let mut errands = self.errands.take();
        errands.push(errand);
        self.errands.set(errands);
    }

    /// What there is to ask of the endpoint. Of those that are sent it is that they be completed.
    pub(super) fn take_errands(&self) -> Vec<Errand> {
        let mut errands = self.errands.take();
        self.uploads.with(|files| {
            for file in files.iter() {
                let sent = file.sent();
                errands.extend(sent.map(|upload| Errand::Complete(Rc::clone(file), upload)));
            }
        });
        errands
    }

    /// What is to be completed waits for what is being sent, so that few requests ask for many; if there is nothing, it waits no longer.
    pub(super) fn flush_if_idle(&self) {
        if self.busy.get() == 0 {
            request::flush(&self.endpoint.0);
        }
    }

    /// What the server says of a file. An upload that it has begun for one that has ended meanwhile is given up.
    pub(super) fn answered(&self, file: &File, answer: Answer) {
        file.permission.set(Permission::answered(answer));
        if file.has_ended() {
            self.let_go(file);
        }
    }

    /// One request may ask for no more than `size` files.
    pub(super) fn ask_for_fewer(&self, size: usize) {
        self.batch_size.set(self.batch_size.get().min(size));
    }

    /// A request begins to send bytes of the file.
    pub(super) fn begin(&self, file: &File) {
        let now = now();
        self.meter.with(|meter| meter.begin(now));
        file.counted.with(|counted| counted.begin(now));
        if !file.started.replace(true) {
            self.tell(Event::Start { index: file.index });
        }
    }

    /// This many bytes of the file have gone out, or are in the store `already`.
    pub(super) fn count(&self, file: &File, bytes: u64, already: bool) {
        let now = now();
        let (further, whole) = file.counted.with(|counted| {
            let was_whole = counted.is_whole();
            let further = counted.add(bytes, already, now);
            (further, counted.is_whole() && !was_whole)
        });
        let sent = if already { 0 } else { bytes };
        self.meter.with(|meter| meter.add(sent, further, now));
        // A file that is sent again stays whole for all of the next attempt.
        if whole || now - file.told_at.get() >= TELL_EVERY {
            file.told_at.set(now);
            self.tell(Event::Progress {
                file: file.progress(),
                progress: self.progress(),
            });
        }
    }

    fn progress(&self) -> Progress {
        self.meter.with(|meter| meter.progress())
    }

    /// Waits until what failed with `error` is to be tried again; if it is not, the error.
    pub(super) async fn try_again(
        &self,
        file: &File,
        part: Option<u32>,
        backoff: &mut Backoff,
        error: UploadError,
    ) -> Result<(), UploadError> {
        let Some(delay) = backoff.delay(&error, sys::random()) else {
            return Err(error);
        };
        self.retrying(file, part, backoff.attempt, delay, &error);
        backoff.wait(delay).await;
        Ok(())
    }

    /// Asks, again and again where that may help.
    pub(super) async fn persist(
        &self,
        file: &File,
        ask: &dyn Fn() -> JsValue,
    ) -> Result<JsValue, UploadError> {
        let mut backoff = Backoff::new(self.retry);
        loop {
            match Reply::to(&ask()).await {
                Ok(answer) => return Ok(answer),
                Err(error) => self.try_again(file, None, &mut backoff, error).await?,
            }
        }
    }

    /// An attempt for `file` failed; the next one follows. If no lane has begun it, there is nothing to tell yet.
    pub(super) fn retrying(
        &self,
        file: &File,
        part: Option<u32>,
        attempt: u32,
        delay: Duration,
        error: &UploadError,
    ) {
        if file.begun.get() && !file.has_ended() {
            self.tell(Event::Retry {
                index: file.index,
                part,
                attempt,
                delay,
                error: error.clone(),
            });
        }
    }

    /// The file has failed; if only its upload is lost, it is begun anew, unless that has happened too often.
    pub(super) fn fail(&self, file: &File, error: UploadError) {
        let has_begun = file.upload.with(|upload| upload.is_some());
        if !has_begun || !error.asks_to_restart() || file.restarts.get() >= RESTARTS {
            return self.end(file, Outcome::Failed { error });
        }
        file.restarts.set(file.restarts.get() + 1);
        self.end_upload(file);
        file.forget();
        file.stop();
        file.counted.with(Counted::all_lost);
        self.put_back(file);
        self.stir();
        let index = file.index;
        self.tell(Event::Restart { index, error });
    }

    pub(super) fn end(&self, file: &File, outcome: Outcome) {
        let rest = file.counted.with(|counted| counted.rest_of_it());
        self.meter.with(|meter| meter.end(rest, &outcome));
        match &outcome {
            Outcome::Done { .. } => file.forget(),
            Outcome::Cancelled => self.let_go(file),
            // What failed may be resumed, or be there, unless what the store has is of no use.
            Outcome::Failed { error } if error.is_final() || !file.is_of_use() => {
                self.let_go(file);
            }
            Outcome::Failed { .. } => {}
        }
        self.end_upload(file);
        self.open.set(self.open.get() - 1);
        file.upload.set(None);
        file.permission.set(Permission::Unknown);
        file.outcome.set(Some(outcome));
        file.stop();
        self.stir();
        self.tell(Event::End {
            result: file.result(),
            progress: self.progress(),
        });
    }

    /// Gives the file's upload up at the store, if one has begun.
    fn let_go(&self, file: &File) {
        let endpoint = &self.endpoint.0;
        if let Some(upload) = file.upload.take() {
            request::let_go(endpoint, &upload.grant.0);
        } else if let Permission::Granted(grant) = file.permission.take()
            && grant.has_token()
        {
            request::let_go(endpoint, &grant.0);
        }
    }

    /// Nothing else is borrowed meanwhile: the application may cancel from within.
    pub(super) fn tell(&self, event: Event) {
        if let Ok(mut on_event) = self.on_event.try_borrow_mut() {
            on_event(event);
        }
    }
}

/// Finds the uploads that each file may be of already.
pub(super) async fn recall(state: Rc<State>) {
    if !state.resumes {
        return;
    }
    let sources = list(state.files.iter().map(|file| file.source.0.clone()));
    let ask = request::recall(&state.endpoint.url(), &sources, &state.only);
    // It does not fail.
    let found = Reply::to(&ask).await.unwrap_or_default();
    for (file, uploads) in state.files.iter().zip(items(&found)) {
        if get_count(&uploads, "length") != Some(0) {
            file.earlier.set(uploads);
        }
    }
}

/// `work`'s output, or `None` as soon as the file is stopped; `work` is dropped then.
pub(super) async fn until_stopped<T>(file: &File, work: impl Future<Output = T>) -> Option<T> {
    let stops = file.stops.get();
    let mut work = pin!(work);
    poll_fn(|context| {
        if file.stops.get() != stops {
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
