//! Where things are in the data folder.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The data folder. A bucket is a folder in it; what is not a bucket's begins with a dot, which no bucket's name does.
#[derive(Debug)]
pub(crate) struct Folder {
    root: PathBuf,
    /// Held as long as the store is open: two stores would remove each other's unfinished uploads.
    _lock: File,
}

/// Why the embedded store cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum FolderError {
    /// A file or folder cannot be read or made.
    #[error("the embedded store cannot use {}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another process has it open.
    #[error("another presign-demo already uses {}; stop it or give this one another --data", path.display())]
    InUse {
        /// The data folder.
        path: PathBuf,
    },
    /// S3 would not have a bucket of this name.
    #[error(
        "`{name}` cannot be the embedded store's bucket: expected 3 to 63 lower-case letters, digits, dots and hyphens, as S3 has it"
    )]
    Bucket {
        /// The name.
        name: String,
    },
    /// The credentials' file holds something else.
    #[error(
        "{} is not what this program wrote there: expected one aws_access_key_id and one aws_secret_access_key; \
         delete it to have new credentials generated",
        path.display()
    )]
    Credentials {
        /// The file.
        path: PathBuf,
    },
    /// The system gives no randomness.
    #[error("no randomness for the embedded store's credentials")]
    Randomness(#[from] getrandom::Error),
    /// s3s-fs refuses the folder.
    #[error("the embedded store cannot be opened: {0}")]
    Open(String),
}

impl FolderError {
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::Io { path, source }
    }
}

impl Folder {
    pub(super) fn open(root: &Path) -> Result<Self, FolderError> {
        let own = root.join(".presign-demo");
        for folder in [&own, &own.join("long-keys")] {
            fs::create_dir_all(folder).map_err(FolderError::io(folder))?;
        }
        let root = root.canonicalize().map_err(FolderError::io(root))?;
        let path = own.join("lock");
        let lock = File::create(&path).map_err(FolderError::io(&path))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { root, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(FolderError::InUse { path: root }),
            Err(TryLockError::Error(error)) => Err(FolderError::io(&path)(error)),
        }
    }

    pub(super) fn create_bucket(&self, bucket: &str) -> Result<(), FolderError> {
        let path = self.bucket(bucket);
        fs::create_dir_all(&path).map_err(FolderError::io(&path))
    }

    pub(super) fn bucket(&self, bucket: &str) -> PathBuf {
        self.root.join(bucket)
    }

    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    pub(super) fn credentials(&self) -> PathBuf {
        self.root.join(".presign-demo/credentials")
    }

    /// The file that remembers the whole key behind a shortened name.
    pub(super) fn long_key(&self, digest: &str) -> PathBuf {
        self.root.join(".presign-demo/long-keys").join(digest)
    }

    /// Where the uploads in parts are.
    pub(super) fn uploads(&self) -> PathBuf {
        self.root.join(".presign-demo/uploads")
    }

    /// Where files are until they are whole.
    pub(super) fn scratch(&self) -> PathBuf {
        self.root.join(".presign-demo/scratch")
    }

    /// The object's file, by its name as [`keys`](super::keys) made it.
    pub(super) fn object(&self, bucket: &str, name: &str) -> PathBuf {
        self.bucket(bucket).join(name)
    }
}

/// s3s answers `InvalidBucketName` to any other, and a bucket `..` would be outside the data folder.
pub(super) fn check_bucket_name(name: &str) -> Result<(), FolderError> {
    if s3s::path::check_bucket_name(name) {
        Ok(())
    } else {
        Err(FolderError::Bucket {
            name: name.to_owned(),
        })
    }
}
