//! What is known of one file.

use alloc::rc::Rc;
use core::cell::{Cell, RefCell};

use crate::endpoint::{Answer, Grant};
use crate::progress::Counted;
use crate::sys::float;
use crate::{Outcome, Source, UploadError, UploadResult};

/// Milliseconds that a grant must still live when its file begins to be sent.
const FRESH: f64 = 30_000.0;

pub(super) struct File {
    pub(super) index: usize,
    pub(super) source: Source,
    pub(super) permission: RefCell<Permission>,
    pub(super) counted: Cell<Counted>,
    /// A lane has taken it.
    pub(super) begun: Cell<bool>,
    /// Its start has been told.
    pub(super) started: Cell<bool>,
    /// When its progress was last told.
    pub(super) told_at: Cell<f64>,
    pub(super) cancelled: Cell<bool>,
    pub(super) outcome: RefCell<Option<Outcome>>,
}

/// What the server says of a file.
#[derive(Clone)]
pub(super) enum Permission {
    /// It has not been asked.
    Unknown,
    Asked,
    Granted {
        grant: Rc<Grant>,
        fresh_until: f64,
    },
    Refused(UploadError),
}

impl Permission {
    pub(super) fn answered(answer: Answer, now: f64) -> Self {
        match answer {
            Ok(grant) => {
                // A server that grants for no time at all would be asked again and again without end.
                let lifetime = float(grant.expires_in.max(1)) * 1000.0;
                Self::Granted {
                    grant: Rc::new(grant),
                    fresh_until: now + lifetime - FRESH.min(lifetime / 2.0),
                }
            }
            Err(error) => Self::Refused(error),
        }
    }

    /// What was said, unless it is out of date or nothing.
    pub(super) fn is_known(&self, now: f64) -> bool {
        match self {
            Self::Unknown => false,
            Self::Granted { fresh_until, .. } => now < *fresh_until,
            Self::Asked | Self::Refused(_) => true,
        }
    }
}

impl File {
    pub(super) fn new(index: usize, source: Source) -> Self {
        Self {
            index,
            counted: Cell::new(Counted::of(source.size())),
            source,
            permission: RefCell::new(Permission::Unknown),
            begun: Cell::new(false),
            started: Cell::new(false),
            told_at: Cell::new(0.0),
            cancelled: Cell::new(false),
            outcome: RefCell::new(None),
        }
    }

    pub(super) fn has_ended(&self) -> bool {
        self.outcome.borrow().is_some()
    }

    /// No lane has taken it and it has not ended.
    pub(super) fn is_waiting(&self) -> bool {
        !self.begun.get() && !self.has_ended()
    }

    pub(super) fn needs_grant(&self, now: f64) -> bool {
        !self.cancelled.get() && !self.has_ended() && !self.permission.borrow().is_known(now)
    }

    /// What became of it; if it has not ended, it is cancelled.
    pub(super) fn result(&self) -> UploadResult {
        UploadResult {
            index: self.index,
            name: self.source.name.clone(),
            size: self.counted.get().size,
            outcome: self.outcome.borrow().clone().unwrap_or(Outcome::Cancelled),
        }
    }
}
