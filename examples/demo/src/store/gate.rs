//! The last moment before an object is there.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use s3s::{S3Error, S3Result, s3_error};
use tokio::sync::OwnedMutexGuard;

use super::folder::Folder;
use super::keys::StoredKey;
use super::lock::Locks;

/// Stands at the end of one upload's body. s3s-fs writes the bytes to a file aside and gives it the object's name once the body
/// has ended without an error; so an error instead of the end is what keeps the object as it was.
#[derive(Debug)]
pub(super) struct Gate {
    folder: Arc<Folder>,
    locks: Arc<Locks>,
    bucket: String,
    key: String,
    stored: StoredKey<'static>,
    may_overwrite: bool,
    outcome: Mutex<Outcome>,
}

#[derive(Debug, Default)]
enum Outcome {
    #[default]
    Open,
    Passed(#[expect(dead_code, reason = "held until the object is there")] OwnedMutexGuard<()>),
    Refused(S3Error),
}

impl Gate {
    pub(super) fn new(
        (folder, locks): (Arc<Folder>, Arc<Locks>),
        (bucket, key): (String, String),
        stored: StoredKey<'static>,
        may_overwrite: bool,
    ) -> Self {
        Self {
            folder,
            locks,
            bucket,
            key,
            stored,
            may_overwrite,
            outcome: Mutex::default(),
        }
    }

    /// The object's file in its bucket's folder.
    pub(super) fn name(&self) -> &str {
        &self.stored.name
    }

    /// Takes the key's lock and looks whether the object may be there now. Nobody waits for a slow upload of the same key: whoever
    /// ends first wins.
    ///
    /// # Errors
    ///
    /// [`Refused`]; why is for [`refusal`](Self::refusal).
    pub(super) async fn pass(&self) -> Result<(), Refused> {
        let guard = self.locks.lock(&self.bucket, &self.stored.name).await;
        match self.check().and_then(|()| self.remember_key()) {
            Ok(()) => {
                *self.outcome() = Outcome::Passed(guard);
                Ok(())
            }
            Err(error) => Err(self.refuse(error)),
        }
    }

    pub(super) fn refuse(&self, error: S3Error) -> Refused {
        *self.outcome() = Outcome::Refused(error);
        Refused
    }

    /// Why the upload was refused, if it was.
    pub(super) fn refusal(&self) -> Option<S3Error> {
        match std::mem::take(&mut *self.outcome()) {
            Outcome::Refused(error) => Some(error),
            Outcome::Open | Outcome::Passed(_) => None,
        }
    }

    /// Whether the object may be written as things are.
    ///
    /// # Errors
    ///
    /// `NoSuchBucket`; `PreconditionFailed` where the object is there and must not be overwritten; `InvalidRequest` for what S3 can hold
    /// but files cannot: an object `a` beside an object `a/b`.
    pub(super) fn check(&self) -> S3Result<()> {
        let path = self.folder.object(&self.bucket, &self.stored.name);
        let bucket = self.folder.bucket(&self.bucket);
        // s3s-fs would make it.
        if !bucket.is_dir() {
            return Err(s3_error!(NoSuchBucket));
        }
        let beside = |path: &Path| {
            let path = path.strip_prefix(&bucket).unwrap_or(path).display();
            s3_error!(
                InvalidRequest,
                "This store keeps objects as files, and `{path}` cannot be both a file and a folder"
            )
        };
        match fs::metadata(&path) {
            Ok(there) if there.is_dir() => Err(beside(&path)),
            Ok(_) if !self.may_overwrite => Err(s3_error!(
                PreconditionFailed,
                "At least one of the pre-conditions you specified did not hold"
            )),
            Ok(_) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(beside(
                path.ancestors()
                    .find(|path| path.is_file())
                    .unwrap_or(&path),
            )),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => Err(S3Error::internal_error(error)),
        }
    }

    fn remember_key(&self) -> S3Result<()> {
        let Some(digest) = &self.stored.digest else {
            return Ok(());
        };
        fs::write(self.folder.long_key(digest), &self.key).map_err(S3Error::internal_error)
    }

    fn outcome(&self) -> MutexGuard<'_, Outcome> {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The error that takes the place of a body's end. It tells s3s-fs to stop; the client is told by [`Gate::refusal`].
#[derive(Debug, thiserror::Error)]
#[error("the upload was refused at its end")]
pub(super) struct Refused;
