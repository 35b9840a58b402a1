use alloc::string::String;
use core::fmt;
use core::time::Duration;

use presign_protocol::ObjectChecksum;
use wasm_bindgen::JsValue;

use crate::sys::value::{get, get_string};
use crate::{FileProgress, Progress, Source, UploadError};

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
    pub(crate) source: Source,
    /// Its bytes.
    pub size: u64,
    /// What became of it.
    pub outcome: Outcome,
}

impl UploadResult {
    /// The file's name.
    #[must_use]
    pub fn name(&self) -> String {
        self.source.name()
    }
}

/// How a file ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The store has it whole.
    Done {
        /// What the store has.
        object: StoredObject,
    },
    /// It did not arrive.
    Failed {
        /// Why.
        error: UploadError,
    },
    /// It was cancelled before its end.
    Cancelled,
}

/// An object that the store has whole, as the server found it there. Where the server does not verify what arrives, nobody knows more than the key,
/// and the `ETag` if the store's CORS rules expose it.
#[derive(Clone)]
pub struct StoredObject(
    /// As `js/gather.js` or `js/send.js` gives it, and as the npm package hands it on.
    pub(crate) JsValue,
);

impl StoredObject {
    /// The object key.
    #[must_use]
    pub fn key(&self) -> String {
        get_string(&self.0, "key").unwrap_or_default()
    }

    /// The object's `ETag`, without quotes.
    #[must_use]
    pub fn etag(&self) -> Option<String> {
        get_string(&self.0, "etag")
    }

    /// The content type that the object is stored with.
    #[must_use]
    pub fn content_type(&self) -> Option<String> {
        get_string(&self.0, "type")
    }

    /// The checksum of the whole object, where the store has one.
    #[must_use]
    pub fn checksum(&self) -> Option<ObjectChecksum> {
        let checksum = get(&self.0, "checksum");
        Some(ObjectChecksum {
            crc: get_string(&checksum, "crc")?.parse().ok()?,
            value: get_string(&checksum, "value")?,
        })
    }

    /// The server's signature on all of this: what a page hands in to the application, so that it knows without asking anybody that the object is
    /// there. Whoever has it can hand the object in: it is a secret.
    #[must_use]
    pub fn receipt(&self) -> Option<String> {
        get_string(&self.0, "receipt")
    }

    /// What the application has to say about the object, read from JSON; `undefined` where that is nothing.
    #[must_use]
    pub fn data(&self) -> JsValue {
        get(&self.0, "data")
    }
}

impl fmt::Debug for StoredObject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("StoredObject")
            .field("key", &self.key())
            .field("etag", &self.etag())
            .finish_non_exhaustive()
    }
}
