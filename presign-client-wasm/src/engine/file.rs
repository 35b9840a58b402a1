//! What is known of one file.

use alloc::rc::Rc;
use core::cell::Cell;

use wasm_bindgen::JsValue;

use super::multipart::Multipart;
use crate::endpoint::{Answer, Grant};
use crate::keep::Keep;
use crate::progress::Counted;
use crate::sys::request;
use crate::{FileProgress, Outcome, Source, UploadError, UploadResult};

pub(super) struct File {
    pub(super) index: usize,
    pub(super) source: Source,
    /// Bytes.
    pub(super) size: u64,
    pub(super) permission: Keep<Permission>,
    /// The uploads that may be of this file, if the browser remembers any.
    pub(super) earlier: Keep<JsValue>,
    /// Where it goes in parts and has begun to, or was sent whole and is to be completed.
    pub(super) upload: Keep<Option<Rc<Multipart>>>,
    pub(super) counted: Keep<Counted>,
    /// A lane has taken it.
    pub(super) begun: Cell<bool>,
    /// Its start has been told.
    pub(super) started: Cell<bool>,
    /// When its progress was last told.
    pub(super) told_at: Cell<f64>,
    pub(super) cancelled: Cell<bool>,
    pub(super) paused: Cell<bool>,
    /// How often what was under way for it was stopped.
    pub(super) stops: Cell<u32>,
    /// How often it was begun anew.
    pub(super) restarts: Cell<u32>,
    pub(super) outcome: Keep<Option<Outcome>>,
}

/// What the server says of a file.
#[derive(Clone, Default)]
pub(super) enum Permission {
    /// It has not been asked.
    #[default]
    Unknown,
    Asked,
    Granted(Rc<Grant>),
    Refused(UploadError),
}

impl Permission {
    pub(super) fn answered(answer: Answer) -> Self {
        match answer {
            Ok(grant) => Self::Granted(Rc::new(grant)),
            Err(error) => Self::Refused(error),
        }
    }

    /// What was said, unless it is out of date or nothing.
    pub(super) fn is_known(&self, now: f64) -> bool {
        match self {
            Self::Unknown => false,
            // The URLs of parts are renewed one window at a time.
            Self::Granted(grant) => grant.is_in_parts() || now < grant.fresh_until(),
            Self::Asked | Self::Refused(_) => true,
        }
    }
}

impl File {
    pub(super) fn new(index: usize, source: Source) -> Self {
        Self {
            index,
            size: source.size(),
            counted: Keep::new(Counted::of(source.size())),
            source,
            permission: Keep::default(),
            earlier: Keep::default(),
            upload: Keep::default(),
            begun: Cell::new(false),
            started: Cell::new(false),
            told_at: Cell::new(0.0),
            cancelled: Cell::new(false),
            paused: Cell::new(false),
            stops: Cell::new(0),
            restarts: Cell::new(0),
            outcome: Keep::default(),
        }
    }

    /// Bytes.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn has_ended(&self) -> bool {
        self.outcome.with(|outcome| outcome.is_some())
    }

    /// No lane has taken it and it has not ended.
    pub(super) fn is_waiting(&self) -> bool {
        !self.begun.get() && !self.has_ended()
    }

    pub(super) fn needs_grant(&self, now: f64) -> bool {
        !self.cancelled.get()
            && !self.has_ended()
            && !self.earlier.with(|earlier| !earlier.is_undefined())
            && !self.upload.with(|upload| upload.is_some())
            && !self.permission.with(|permission| permission.is_known(now))
    }

    /// Whether this is the upload that it goes by.
    pub(super) fn is_at(&self, upload: &Rc<Multipart>) -> bool {
        let current = self.upload.get();
        current.is_some_and(|own| Rc::ptr_eq(&own, upload))
    }

    /// What the store has of it may still be of use.
    pub(super) fn is_of_use(&self) -> bool {
        let upload = self.upload.get();
        upload.is_some_and(|upload| upload.is_of_use())
    }

    /// Its upload, if that is to be completed now.
    pub(super) fn sent(&self) -> Option<Rc<Multipart>> {
        let upload = self.upload.get().filter(|_| !self.paused.get())?;
        let is_due = upload.are_parts_sent() && !upload.completing.replace(true);
        is_due.then_some(upload)
    }

    pub(super) fn progress(&self) -> FileProgress {
        let index = self.index;
        self.counted.with(|counted| counted.progress(index))
    }

    /// Nothing is to be remembered of its upload.
    pub(super) fn forget(&self) {
        self.permission.set(Permission::Unknown);
        if let Some(upload) = self.upload.take() {
            request::forget(&upload.grant.0);
        }
    }

    /// Stops what is under way for it.
    pub(super) fn stop(&self) {
        self.stops.set(self.stops.get() + 1);
    }

    /// What became of it; if it has not ended, it is cancelled.
    pub(super) fn result(&self) -> UploadResult {
        UploadResult {
            index: self.index,
            source: self.source.clone(),
            size: self.size(),
            outcome: self.outcome.get().unwrap_or(Outcome::Cancelled),
        }
    }
}
