use alloc::string::String;
use core::time::Duration;

use crate::{FileProgress, Progress, UploadError};

/// What happens during an upload. `index` is the file's place in the order given.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event {
    /// The first byte of a file is about to be sent.
    Start {
        /// Which file.
        index: usize,
    },
    /// An earlier upload of the same bytes goes on.
    Resume {
        /// Which file.
        index: usize,
        /// Bytes that the store has already.
        loaded: u64,
    },
    /// What was begun earlier cannot go on, so the file is uploaded anew.
    Restart {
        /// Which file.
        index: usize,
        /// Why: the file is another one of the same name and size, or the store or the server do not know the upload any more.
        error: UploadError,
    },
    /// Bytes went out. For each file at most 20 times a second.
    Progress {
        /// The file that they belong to.
        file: FileProgress,
        /// All files together.
        progress: Progress,
    },
    /// An attempt failed in a way that may pass; the next one follows.
    Retry {
        /// Which file.
        index: usize,
        /// Which part of it, from 1, where it goes in parts and it was one of them that failed.
        part: Option<u32>,
        /// The number of the attempt that failed, from 1.
        attempt: u32,
        /// How long is waited before the next one. While the browser is offline it waits longer.
        delay: Duration,
        /// Why it failed.
        error: UploadError,
    },
    /// A file has come to its end; nothing more is told of it.
    End {
        /// What became of it.
        result: UploadResult,
        /// All files together.
        progress: Progress,
    },
}

/// What became of one file.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UploadResult {
    /// Its place in the order given.
    pub index: usize,
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// What became of it.
    pub outcome: Outcome,
}

/// How a file ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The store has it whole.
    Done {
        /// The object key.
        key: String,
        /// The object's `ETag`, without quotes; `None` where the store's CORS rules do not expose it.
        etag: Option<String>,
    },
    /// It did not arrive.
    Failed {
        /// Why.
        error: UploadError,
    },
    /// It was cancelled before its end.
    Cancelled,
}
