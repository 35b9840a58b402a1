//! Files that are not whole yet.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::FolderError;
use super::hex::hex;

/// Where files are written before they get their name. It is on the same file system as everything else of the store, so that the name is
/// given in one step; and what a crash leaves here goes at the next start.
#[derive(Debug)]
pub(super) struct ScratchFolder(PathBuf);

/// A file, or a place for one, that goes with this value unless it was [kept](Scratch::keep_as).
#[derive(Debug)]
pub(super) struct Scratch(PathBuf);

impl ScratchFolder {
    /// Makes the folder, empty.
    pub(super) fn open(path: PathBuf) -> Result<Self, FolderError> {
        if path.exists() {
            fs::remove_dir_all(&path).map_err(FolderError::io(&path))?;
        }
        fs::create_dir_all(&path).map_err(FolderError::io(&path))?;
        Ok(Self(path))
    }

    /// A place where nothing is.
    pub(super) fn place(&self) -> io::Result<Scratch> {
        Ok(Scratch(self.0.join(random_name()?)))
    }

    /// An empty file.
    pub(super) fn file(&self) -> io::Result<(Scratch, File)> {
        let scratch = self.place()?;
        let file = File::create_new(&scratch.0)?;
        Ok((scratch, file))
    }

    /// Writes a file that is there as a whole or not at all.
    pub(super) fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let scratch = self.place()?;
        fs::write(&scratch.0, bytes)?;
        scratch.keep_as(path)
    }

    /// Takes away a folder with all that is in it, in one step for everybody else.
    pub(super) fn remove(&self, folder: &Path) -> io::Result<()> {
        let scratch = self.place()?;
        fs::rename(folder, &scratch.0)?;
        if let Err(error) = fs::remove_dir_all(&scratch.0) {
            tracing::warn!(%error, "left for the next start to remove");
        }
        Ok(())
    }
}

impl Scratch {
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Gives it its name, in place of what has that name.
    pub(super) fn keep_as(self, path: &Path) -> io::Result<()> {
        fs::rename(&self.0, path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // Mostly it is not there: it was kept.
        let _ = fs::remove_file(&self.0);
    }
}

/// A name that nobody can guess: 128 bits.
pub(super) fn random_name() -> io::Result<String> {
    let mut random = [0; 16];
    getrandom::fill(&mut random).map_err(io::Error::other)?;
    Ok(hex(&random))
}
