//! What has been asked and answered, and how long it took.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::Instant;

use crate::fault::Fault;
use crate::histogram::Histogram;

/// What is going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Connections, buffers and caches come to be what they stay; nothing is counted but errors.
    Settling,
    /// The clients are alone.
    Alone,
    /// Others stall.
    Stalled,
}

/// What is asked of the demo or its store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Grant,
    Guide,
    Limits,
    Parts,
    Abort,
    Put,
    Complete,
    Download,
}

impl Kind {
    pub(crate) const ALL: [Self; 8] = [
        Self::Grant,
        Self::Guide,
        Self::Limits,
        Self::Parts,
        Self::Abort,
        Self::Put,
        Self::Complete,
        Self::Download,
    ];
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Grant => "grant",
            Self::Guide => "guide",
            Self::Limits => "limits",
            Self::Parts => "parts",
            Self::Abort => "abort",
            Self::Put => "put",
            Self::Complete => "complete",
            Self::Download => "download",
        })
    }
}

/// A request that was begun.
#[derive(Debug)]
pub(crate) struct Begun {
    kind: Kind,
    phase: Phase,
    at: Instant,
}

/// All clients write into it.
#[derive(Debug)]
pub(crate) struct Tally {
    phase: RwLock<Phase>,
    over: AtomicBool,
    /// Requests that came to an end, in every phase.
    done: AtomicU64,
    /// Times while the clients are alone.
    pub(crate) alone: Histogram,
    /// Times while others stall.
    pub(crate) stalled: Histogram,
    kinds: [AtomicU64; Kind::ALL.len()],
    faults: Mutex<BTreeMap<String, u64>>,
}

impl Tally {
    pub(crate) fn new() -> Self {
        Self {
            phase: RwLock::new(Phase::Settling),
            over: AtomicBool::new(false),
            done: AtomicU64::new(0),
            alone: Histogram::new(),
            stalled: Histogram::new(),
            kinds: Default::default(),
            faults: Mutex::new(BTreeMap::new()),
        }
    }

    fn phase(&self) -> Phase {
        *self.phase.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn enter(&self, phase: Phase) {
        *self.phase.write().unwrap_or_else(PoisonError::into_inner) = phase;
    }

    /// No client begins anything more.
    pub(crate) fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Requests that came to an end so far, well or not.
    pub(crate) fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    pub(crate) fn begin(&self, kind: Kind) -> Begun {
        Begun {
            kind,
            phase: self.phase(),
            at: Instant::now(),
        }
    }

    /// One that was begun or answered while others stalled may have been held by them.
    pub(crate) fn answered(&self, begun: &Begun) {
        self.done.fetch_add(1, Ordering::Relaxed);
        let times = match (begun.phase, self.phase()) {
            (Phase::Settling, _) | (_, Phase::Settling) => return,
            (Phase::Alone, Phase::Alone) => &self.alone,
            (Phase::Stalled, _) | (_, Phase::Stalled) => &self.stalled,
        };
        times.add(begun.at.elapsed());
        if let Some(count) = self.kinds.get(begun.kind as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn count(&self, kind: Kind) -> u64 {
        self.kinds
            .get(kind as usize)
            .map_or(0, |count| count.load(Ordering::Relaxed))
    }

    /// Answers of all kinds that count.
    pub(crate) fn answers(&self) -> u64 {
        Kind::ALL.into_iter().map(|kind| self.count(kind)).sum()
    }

    pub(crate) fn fault(&self, fault: Fault) {
        self.done.fetch_add(1, Ordering::Relaxed);
        let mut faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        *faults.entry(fault.0).or_default() += 1;
    }

    /// What went wrong, and how often, the most frequent first.
    pub(crate) fn faults(&self) -> Vec<(String, u64)> {
        let faults = self.faults.lock().unwrap_or_else(PoisonError::into_inner);
        let mut faults: Vec<_> = faults
            .iter()
            .map(|(fault, times)| (fault.clone(), *times))
            .collect();
        faults.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Phase, Tally};
    use crate::fault::Fault;

    #[test]
    fn what_may_have_been_held_by_those_who_stall_counts_as_theirs() {
        let tally = Tally::new();
        let early = tally.begin(Kind::Grant);
        tally.enter(Phase::Alone);
        tally.answered(&early);
        let alone = tally.begin(Kind::Grant);
        tally.answered(&alone);
        let before = tally.begin(Kind::Limits);
        tally.enter(Phase::Stalled);
        let until_after = tally.begin(Kind::Limits);
        tally.answered(&before);
        tally.enter(Phase::Alone);
        tally.answered(&until_after);

        assert_eq!((tally.alone.count(), tally.stalled.count()), (1, 2));
        let counts = Kind::ALL.map(|kind| tally.count(kind));
        assert_eq!(counts, [1, 0, 2, 0, 0, 0, 0, 0]);
        assert_eq!((tally.answers(), tally.done()), (3, 4));
    }

    #[test]
    fn faults_of_a_kind_are_counted() {
        let tally = Tally::new();
        for fault in ["rare", "usual", "usual"] {
            tally.fault(Fault::new(fault));
        }
        let faults = [("usual".to_owned(), 2), ("rare".to_owned(), 1)];
        assert_eq!(tally.faults(), faults);
    }
}
