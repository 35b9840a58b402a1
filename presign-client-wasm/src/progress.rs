//! How far an upload is: what is told, and the arithmetic behind it. The time is passed in.

use crate::Outcome;
use crate::rate::Rate;
use crate::sys::float;

/// How far one file is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct FileProgress {
    /// The file's place in the order given.
    pub index: usize,
    /// Bytes sent. It never goes back: what is sent again does not count again.
    pub loaded: u64,
    /// The file's bytes.
    pub total: u64,
    /// 0 to 1.
    pub fraction: f64,
    /// Bytes per second, lately; 0 until there is something to measure.
    pub bytes_per_second: f64,
    /// Seconds until the end at this speed; `None` while there is no speed.
    pub seconds_left: Option<f64>,
}

/// How far all files together are.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes sent, of whatever became of their file. It never goes back.
    pub loaded: u64,
    /// The bytes of all files.
    pub total: u64,
    /// How much of the work is behind, 0 to 1. A file that failed or was cancelled is behind too, so this ends at 1.
    pub fraction: f64,
    /// Bytes per second, lately; 0 until there is something to measure.
    pub bytes_per_second: f64,
    /// Seconds until the end at this speed; `None` while there is no speed.
    pub seconds_left: Option<f64>,
    /// The files, counted by how they ended.
    pub files: FileCounts,
}

/// Files, counted by how they ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileCounts {
    /// Stored whole.
    pub done: usize,
    /// Failed for good.
    pub failed: usize,
    /// Cancelled.
    pub cancelled: usize,
    /// All, those still to come included.
    pub total: usize,
}

impl FileCounts {
    fn ended(self) -> usize {
        self.done + self.failed + self.cancelled
    }
}

/// Counts what is sent of all files.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meter {
    rate: Rate,
    total: u64,
    loaded: u64,
    /// The bytes of the files that have ended, and those sent of the others.
    behind: u64,
    files: FileCounts,
}

/// Counts what is sent of one file.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counted {
    pub(crate) size: u64,
    pub(crate) loaded: u64,
    /// Bytes that the store has, and those of the requests under way. Less than `loaded` while something is sent again.
    current: u64,
    rate: Rate,
}

impl Meter {
    pub(crate) fn new(sizes: impl ExactSizeIterator<Item = u64>) -> Self {
        Self {
            files: FileCounts {
                total: sizes.len(),
                ..FileCounts::default()
            },
            total: sizes.sum(),
            rate: Rate::default(),
            loaded: 0,
            behind: 0,
        }
    }

    /// A request begins to send bytes.
    pub(crate) fn begin(&mut self, now: f64) {
        self.rate.start(now);
    }

    /// So many bytes have gone out, and the files are so many `further`.
    pub(crate) fn add(&mut self, bytes: u64, further: u64, now: f64) {
        self.rate.add(bytes, now);
        self.loaded += further;
        self.behind += further;
    }

    /// Nothing is sent for a while, and then speed is measured anew.
    pub(crate) fn rest(&mut self) {
        self.rate = Rate::default();
    }

    /// A file has come to its end, with so much of it not loaded.
    pub(crate) fn end(&mut self, rest: u64, outcome: &Outcome) {
        self.behind += rest;
        match outcome {
            Outcome::Done { .. } => {
                self.loaded += rest;
                self.files.done += 1;
            }
            Outcome::Failed { .. } => self.files.failed += 1,
            Outcome::Cancelled => self.files.cancelled += 1,
        }
    }

    pub(crate) fn progress(&self) -> Progress {
        let by_files = || share(self.files.ended() as u64, self.files.total as u64);
        Progress {
            loaded: self.loaded,
            total: self.total,
            fraction: share(self.behind, self.total)
                .or_else(by_files)
                .unwrap_or(1.0),
            bytes_per_second: self.rate.per_second(),
            seconds_left: self.rate.seconds_for(self.total - self.behind),
            files: self.files,
        }
    }
}

impl Counted {
    pub(crate) fn of(size: u64) -> Self {
        Self {
            size,
            loaded: 0,
            current: 0,
            rate: Rate::default(),
        }
    }

    /// A request begins to send bytes.
    pub(crate) fn begin(&mut self, now: f64) {
        self.rate.start(now);
    }

    /// So many bytes have gone out, or are in the store `already`; how much further the file is.
    pub(crate) fn add(&mut self, bytes: u64, already: bool, now: f64) -> u64 {
        if !already {
            self.rate.add(bytes, now);
        }
        self.current = self.size.min(self.current + bytes);
        let further = self.current.saturating_sub(self.loaded);
        self.loaded += further;
        further
    }

    /// Bytes that went out are lost.
    pub(crate) fn lost(&mut self, bytes: u64) {
        self.current = self.current.saturating_sub(bytes);
    }

    /// Bytes that are still to go out.
    pub(crate) fn rest_of_it(&self) -> u64 {
        self.size - self.loaded
    }

    /// Everything that was sent is lost.
    pub(crate) fn all_lost(&mut self) {
        self.current = 0;
    }

    /// Nothing is sent for a while, and then speed is measured anew.
    pub(crate) fn rest(&mut self) {
        self.rate = Rate::default();
    }

    pub(crate) fn is_whole(&self) -> bool {
        self.loaded == self.size
    }

    pub(crate) fn progress(&self, index: usize) -> FileProgress {
        FileProgress {
            index,
            loaded: self.loaded,
            total: self.size,
            fraction: share(self.loaded, self.size).unwrap_or(0.0),
            bytes_per_second: self.rate.per_second(),
            seconds_left: self.rate.seconds_for(self.size - self.loaded),
        }
    }
}

/// `None` of nothing.
fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| float(part) / float(whole))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use wasm_bindgen::JsValue;

    use super::{Counted, Meter};
    use crate::{Outcome, StoredObject};

    const DONE: Outcome = Outcome::Done {
        object: StoredObject(JsValue::UNDEFINED),
    };

    struct Metered {
        meter: Meter,
        files: Vec<Counted>,
    }

    fn metered<const N: usize>(sizes: [u64; N]) -> Metered {
        Metered {
            meter: Meter::new(sizes.into_iter()),
            files: sizes.map(Counted::of).into(),
        }
    }

    impl Metered {
        fn begin(&mut self, file: usize, now: f64) {
            self.files[file].begin(now);
            self.meter.begin(now);
        }

        /// What both say afterwards.
        fn add(&mut self, file: usize, bytes: u64, now: f64) -> (u64, u64) {
            let further = self.files[file].add(bytes, false, now);
            self.meter.add(bytes, further, now);
            (
                self.files[file].progress(0).loaded,
                self.meter.progress().loaded,
            )
        }

        fn end(&mut self, file: usize, outcome: &Outcome) {
            self.meter.end(self.files[file].rest_of_it(), outcome);
        }
    }

    #[test]
    fn what_is_sent_again_does_not_count_again() {
        let mut both = metered([100, 100]);
        let mut loaded = Vec::new();
        for (bytes, now) in [(80, 1000.0), (30, 2000.0), (90, 3000.0)] {
            both.begin(0, now);
            loaded.push(both.add(0, bytes, now + 500.0));
            both.files[0].lost(bytes);
        }
        assert_eq!(loaded, [(80, 80), (80, 80), (90, 90)]);
    }

    #[test]
    fn parts_add_up_and_what_is_lost_of_one_is_made_good_by_others() {
        let mut both = metered([300]);
        let mut loaded = Vec::from([both.add(0, 50, 0.0).0, both.add(0, 100, 0.0).0]);
        both.files[0].lost(50);
        loaded.push(both.files[0].add(100, true, 0.0));
        loaded.push(both.files[0].progress(0).loaded);
        both.files[0].all_lost();
        loaded.extend([both.add(0, 150, 0.0).0, both.add(0, 100, 0.0).0]);
        assert_eq!(loaded, [50, 150, 50, 200, 200, 250]);
    }

    #[test]
    fn more_than_the_file_has_is_not_counted() {
        let mut both = metered([100]);
        both.begin(0, 0.0);
        assert_eq!(both.add(0, 1000, 1000.0), (100, 100));
        assert_eq!(both.add(0, 10, 1000.0), (100, 100));
        both.files[0].lost(5000);
        let progress = both.meter.progress();
        assert_eq!((progress.total, progress.fraction), (100, 1.0));
    }

    #[test]
    fn it_ends_at_one_whatever_became_of_the_files() {
        let mut both = metered([100, 100, 0]);
        both.begin(0, 0.0);
        both.add(0, 40, 1000.0);
        both.end(0, &Outcome::Cancelled);
        assert_eq!(both.meter.progress().loaded, 40);
        both.end(1, &DONE);
        both.end(2, &DONE);
        let progress = both.meter.progress();
        assert_eq!((progress.loaded, progress.fraction), (140, 1.0));
        assert_eq!(progress.seconds_left, Some(0.0));
        let files = progress.files;
        assert_eq!((files.done, files.cancelled, files.total), (2, 1, 3));
    }

    #[test]
    fn empty_files_are_counted_by_number() {
        let mut both = metered([0, 0]);
        let mut fractions = Vec::from([both.meter.progress().fraction]);
        for file in 0..2 {
            both.end(file, &DONE);
            fractions.push(both.meter.progress().fraction);
        }
        assert_eq!(fractions, [0.0, 0.5, 1.0]);
        assert!(metered([]).meter.progress().fraction >= 1.0);
    }

    #[test]
    fn speed_counts_every_byte_on_the_wire_and_none_that_was_there_before() {
        let mut both = metered([2000]);
        both.begin(0, 0.0);
        both.files[0].add(1000, true, 0.0);
        assert_eq!(both.files[0].progress(0).seconds_left, None);
        both.add(0, 500, 1000.0);
        let file = both.files[0].progress(0);
        assert_eq!(
            (file.bytes_per_second, file.seconds_left),
            (500.0, Some(1.0))
        );
    }
}
