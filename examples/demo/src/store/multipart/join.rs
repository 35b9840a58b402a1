//! Makes one file of the parts.

use std::fs::{self, File};
use std::io;
use std::path::PathBuf;

use s3s::{S3Error, S3Result};

use super::super::scratch::{Scratch, ScratchFolder};

/// The parts' bytes in their order. The parts stay until the object is there, so that whatever fails can be tried again; a part that is the
/// whole object is not even copied.
pub(super) async fn join(folder: &ScratchFolder, parts: Vec<PathBuf>) -> S3Result<Scratch> {
    if let [only] = &*parts {
        let scratch = folder.place().map_err(S3Error::internal_error)?;
        // Not every file system has links.
        if fs::hard_link(only, scratch.path()).is_ok() {
            return Ok(scratch);
        }
    }
    let (scratch, mut whole) = folder.file().map_err(S3Error::internal_error)?;
    // One at a time, so that a store that is told to end does not have to wait for the last one.
    for part in parts {
        whole =
            super::blocking(move || append(whole, &part).map_err(S3Error::internal_error)).await?;
    }
    Ok(scratch)
}

/// On Linux the kernel copies, or shares, the bytes by itself: that is what `io::copy` does between files.
fn append(mut whole: File, part: &PathBuf) -> io::Result<File> {
    io::copy(&mut File::open(part)?, &mut whole)?;
    Ok(whole)
}
