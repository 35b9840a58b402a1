//! Keeps uploads and their parts on disk, and finds them again.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use s3s::dto::Timestamp;
use s3s::{S3Error, S3Result, s3_error};
use tokio::sync::OwnedMutexGuard;

use super::super::FolderError;
use super::super::folder::Folder;
use super::super::lock::Locks;
use super::super::scratch::{Scratch, ScratchFolder, random_name};
use super::upload::{Part, Upload};

/// An upload that nobody completed for so long is removed when the store opens.
const MAX_AGE: Duration = Duration::from_hours(7 * 24);

/// What every upload's folder has.
const UPLOAD: &str = "upload.json";

/// The uploads that are neither completed nor aborted.
#[derive(Debug)]
pub(in super::super) struct Shelf {
    uploads: PathBuf,
    scratch: ScratchFolder,
    locks: Locks,
}

impl Shelf {
    /// Opens it, and removes what was abandoned.
    pub(in super::super) fn open(folder: &Folder) -> Result<Self, FolderError> {
        let shelf = Self {
            uploads: folder.uploads(),
            scratch: ScratchFolder::open(folder.scratch())?,
            locks: Locks::default(),
        };
        fs::create_dir_all(&shelf.uploads)
            .and_then(|()| shelf.remove_abandoned())
            .map_err(FolderError::io(&shelf.uploads))?;
        Ok(shelf)
    }

    fn remove_abandoned(&self) -> io::Result<()> {
        let Some(limit) = SystemTime::now().checked_sub(MAX_AGE).map(Timestamp::from) else {
            return Ok(());
        };
        for id in self.ids()? {
            match self.read(&id) {
                Ok(upload) if upload.initiated < limit => {
                    self.scratch.remove(&self.folder(&id))?;
                    tracing::info!(
                        bucket = upload.bucket,
                        key = upload.key,
                        "removed an upload in parts that nobody completed for 7 days"
                    );
                }
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, folder = %self.folder(&id).display(), "is not an upload");
                }
            }
        }
        Ok(())
    }

    pub(in super::super) fn scratch(&self) -> &ScratchFolder {
        &self.scratch
    }

    /// Waits until nobody else changes this upload.
    pub(super) async fn lock(&self, id: &str) -> OwnedMutexGuard<()> {
        self.locks.lock("", id).await
    }

    /// Answers the new upload's ID.
    pub(super) fn create(&self, upload: &Upload) -> io::Result<String> {
        let id = random_name()?;
        let folder = self.scratch.place()?;
        fs::create_dir(folder.path())?;
        fs::write(folder.path().join(UPLOAD), serde_json::to_vec(upload)?)?;
        folder.keep_as(&self.folder(&id))?;
        Ok(id)
    }

    /// # Errors
    ///
    /// `NoSuchUpload`, also for an upload of another object.
    pub(super) fn find(&self, bucket: &str, key: &str, id: &str) -> S3Result<Upload> {
        // Anything else could be a path.
        let could_be = id.len() == 32
            && id
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if !could_be {
            return Err(no_such_upload());
        }
        let upload = self.read(id).map_err(|error| gone(error, id))?;
        if upload.bucket == bucket && upload.key == key {
            Ok(upload)
        } else {
            Err(no_such_upload())
        }
    }

    /// Every upload to `bucket` with its ID, by key and then by age.
    pub(super) fn all(&self, bucket: &str) -> io::Result<Vec<(String, Upload)>> {
        let mut all = Vec::new();
        for id in self.ids()? {
            match self.read(&id) {
                Ok(upload) if upload.bucket == bucket => all.push((id, upload)),
                // One may have been completed since.
                Ok(_) | Err(_) => {}
            }
        }
        all.sort_by(|(one_id, one), (other_id, other)| {
            (&one.key, &one.initiated, one_id).cmp(&(&other.key, &other.initiated, other_id))
        });
        Ok(all)
    }

    /// Keeps a part in place of an earlier one with its number. To be called with the upload's [lock](Self::lock) held.
    ///
    /// # Errors
    ///
    /// `NoSuchUpload` where it was completed or aborted while the part was on its way.
    pub(super) fn keep_part(
        &self,
        id: &str,
        number: i32,
        bytes: Scratch,
        part: &Part,
    ) -> S3Result<()> {
        let folder = self.folder(id);
        let record = folder.join(format!("{number}.json"));
        let earlier: Option<Part> = read_json(&record).ok();
        let file = folder.join(&part.file);
        let keep = || {
            bytes.keep_as(&file)?;
            self.scratch.write(&record, &serde_json::to_vec(part)?)
        };
        keep().map_err(|error| gone(error, id))?;
        if let Some(earlier) = earlier {
            // Left behind, it costs space until the upload ends.
            let _ = fs::remove_file(folder.join(earlier.file));
        }
        Ok(())
    }

    /// The parts by number.
    ///
    /// # Errors
    ///
    /// `NoSuchUpload` where it was completed or aborted meanwhile.
    pub(super) fn parts(&self, id: &str) -> S3Result<BTreeMap<i32, Part>> {
        let folder = self.folder(id);
        let read = || {
            let mut parts = BTreeMap::new();
            for name in names(&folder)? {
                let number = name.strip_suffix(".json").and_then(|n| n.parse().ok());
                if let Some(number) = number {
                    parts.insert(number, read_json(&folder.join(&name))?);
                }
            }
            Ok(parts)
        };
        read().map_err(|error| gone(error, id))
    }

    /// The file with a part's bytes.
    pub(super) fn bytes(&self, id: &str, part: &Part) -> PathBuf {
        self.folder(id).join(&part.file)
    }

    /// Ends an upload. To be called with its [lock](Self::lock) held.
    ///
    /// # Errors
    ///
    /// `NoSuchUpload`.
    pub(super) fn remove(&self, id: &str) -> S3Result<()> {
        let removed = self.scratch.remove(&self.folder(id));
        removed.map_err(|error| gone(error, id))
    }

    fn folder(&self, id: &str) -> PathBuf {
        self.uploads.join(id)
    }

    fn ids(&self) -> io::Result<Vec<String>> {
        names(&self.uploads)
    }

    fn read(&self, id: &str) -> io::Result<Upload> {
        read_json(&self.folder(id).join(UPLOAD))
    }
}

fn names(folder: &Path) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        // What is not UTF-8 is nothing of ours.
        names.extend(entry?.file_name().into_string());
    }
    Ok(names)
}

fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> io::Result<T> {
    Ok(serde_json::from_slice(&fs::read(path)?)?)
}

/// An upload's folder is there until the upload ends.
fn gone(error: io::Error, id: &str) -> S3Error {
    if error.kind() == io::ErrorKind::NotFound {
        no_such_upload()
    } else {
        tracing::error!(%error, id, "an upload in parts cannot be read or written");
        S3Error::internal_error(error)
    }
}

fn no_such_upload() -> S3Error {
    s3_error!(
        NoSuchUpload,
        "The specified multipart upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed."
    )
}
