//! How far an upload is: what is told, and the arithmetic behind it. The time is passed in.

use crate::Outcome;
use crate::rate::Rate;
use crate::sys::float;

/// How far one file is.
#[derive(Clone, Copy, Debug, PartialEq)]
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
#[derive(Clone, Copy, Debug, PartialEq)]
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
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counted {
    pub(crate) size: u64,
    pub(crate) loaded: u64,
    /// Bytes that the store has, and those of the requests under way. Less than `loaded` while something is sent again.
    current: u64,
    rate: Rate,
}

/// Counts what one request has sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sent {
    /// Bytes to send.
    of: u64,
    bytes: u64,
}

impl Sent {
    pub(crate) fn of(bytes: u64) -> Self {
        Self {
            of: bytes,
            bytes: 0,
        }
    }
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

    /// A request begins to send bytes of a file.
    pub(crate) fn begin(&mut self, file: &mut Counted, now: f64) {
        file.rate.start(now);
        self.rate.start(now);
    }

    /// The request has sent this many bytes so far.
    pub(crate) fn sent(&mut self, file: &mut Counted, sent: &mut Sent, bytes: u64, now: f64) {
        let new = bytes.min(sent.of).saturating_sub(sent.bytes);
        sent.bytes += new;
        file.rate.add(new, now);
        self.rate.add(new, now);
        self.found(file, new);
    }

    /// The store has these bytes already, or soon will.
    pub(crate) fn found(&mut self, file: &mut Counted, bytes: u64) {
        file.current = file.size.min(file.current + bytes);
        let further = file.current.saturating_sub(file.loaded);
        file.loaded += further;
        self.loaded += further;
        self.behind += further;
    }

    /// Nothing is sent for a while, and then speed is measured anew.
    pub(crate) fn rest(&mut self) {
        self.rate = Rate::default();
    }

    /// The file has come to its end.
    pub(crate) fn end(&mut self, file: Counted, outcome: &Outcome) {
        let rest = file.size - file.loaded;
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

    /// What a request has sent is lost.
    pub(crate) fn lost(&mut self, sent: Sent) {
        self.current = self.current.saturating_sub(sent.bytes);
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
    use alloc::string::String;
    use alloc::vec::Vec;

    use super::{Counted, Meter, Sent};
    use crate::Outcome;

    const DONE: Outcome = Outcome::Done {
        key: String::new(),
        etag: None,
    };

    fn metered<const N: usize>(sizes: [u64; N]) -> (Meter, Vec<Counted>) {
        let files = sizes.map(Counted::of);
        (Meter::new(sizes.into_iter()), files.into())
    }

    #[test]
    fn what_is_sent_again_does_not_count_again() {
        let (mut meter, mut files) = metered([100, 100]);
        let file = &mut files[0];
        let mut loaded = Vec::new();
        for (bytes, now) in [(80, 1000.0), (30, 2000.0), (90, 3000.0)] {
            let mut sent = Sent::of(100);
            meter.begin(file, now);
            meter.sent(file, &mut sent, bytes, now + 500.0);
            loaded.push((file.progress(0).loaded, meter.progress().loaded));
            file.lost(sent);
        }
        assert_eq!(loaded, [(80, 80), (80, 80), (90, 90)]);
    }

    #[test]
    fn parts_add_up_and_what_is_lost_of_one_is_made_good_by_others() {
        let (mut meter, mut files) = metered([300]);
        let file = &mut files[0];
        let mut parts = [Sent::of(100), Sent::of(100)];
        let mut loaded = Vec::new();
        for (part, bytes) in [(0, 50), (1, 100)] {
            meter.sent(file, &mut parts[part], bytes, 0.0);
            loaded.push(file.progress(0).loaded);
        }
        file.lost(parts[0]);
        meter.found(file, 100);
        loaded.push(file.progress(0).loaded);
        file.all_lost();
        let mut again = Sent::of(300);
        for bytes in [150, 250] {
            meter.sent(file, &mut again, bytes, 0.0);
            loaded.push(file.progress(0).loaded);
        }
        assert_eq!(loaded, [50, 150, 200, 200, 250]);
    }

    #[test]
    fn more_than_the_file_has_is_not_counted() {
        let (mut meter, mut files) = metered([100]);
        let mut sent = Sent::of(100);
        meter.begin(&mut files[0], 0.0);
        meter.sent(&mut files[0], &mut sent, 1000, 1000.0);
        meter.sent(&mut files[0], &mut sent, 10, 1000.0);
        meter.found(&mut files[0], 10);
        let progress = meter.progress();
        assert_eq!(
            (progress.loaded, progress.total, progress.fraction),
            (100, 100, 1.0)
        );
    }

    #[test]
    fn it_ends_at_one_whatever_became_of_the_files() {
        let (mut meter, mut files) = metered([100, 100, 0]);
        meter.begin(&mut files[0], 0.0);
        meter.sent(&mut files[0], &mut Sent::of(100), 40, 1000.0);
        meter.end(files[0], &Outcome::Cancelled);
        assert_eq!(meter.progress().loaded, 40);
        meter.end(files[1], &DONE);
        meter.end(files[2], &DONE);
        let progress = meter.progress();
        assert_eq!((progress.loaded, progress.fraction), (140, 1.0));
        assert_eq!(progress.seconds_left, Some(0.0));
        let files = progress.files;
        assert_eq!((files.done, files.cancelled, files.total), (2, 1, 3));
    }

    #[test]
    fn empty_files_are_counted_by_number() {
        let (mut meter, files) = metered([0, 0]);
        let mut fractions = Vec::from([meter.progress().fraction]);
        for file in files {
            meter.end(file, &DONE);
            fractions.push(meter.progress().fraction);
        }
        assert_eq!(fractions, [0.0, 0.5, 1.0]);
        let (nothing, _) = metered([]);
        assert!(nothing.progress().fraction >= 1.0);
    }

    #[test]
    fn speed_counts_every_byte_on_the_wire() {
        let (mut meter, mut files) = metered([1000]);
        meter.begin(&mut files[0], 0.0);
        assert_eq!(files[0].progress(0).seconds_left, None);
        meter.sent(&mut files[0], &mut Sent::of(1000), 500, 1000.0);
        let file = files[0].progress(0);
        assert_eq!(
            (file.bytes_per_second, file.seconds_left),
            (500.0, Some(1.0))
        );
    }
}
