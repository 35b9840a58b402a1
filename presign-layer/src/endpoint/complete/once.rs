//! An upload that one request names more than once is completed once: no copy is made twice, and the application is not told twice.

use std::collections::HashMap;

use presign_protocol::{ErrorCode, FileError, SentUpload};

use crate::problem::file_error;

/// By whose answer each upload is answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// By its own.
    Own,
    /// By that of the same one, at this place before it.
    SameAs(usize),
    /// It was there already, with another checksum: only one of the two can be true.
    Refused(FileError),
}

pub(super) fn turns(uploads: &[SentUpload]) -> Vec<Turn> {
    let mut firsts: HashMap<&str, (usize, &SentUpload)> = HashMap::new();
    let turns = uploads.iter().enumerate().map(|(place, upload)| {
        let (first, same) = *firsts.entry(&upload.token).or_insert((place, upload));
        if first == place {
            Turn::Own
        } else if same == upload {
            Turn::SameAs(first)
        } else {
            Turn::Refused(file_error(
                ErrorCode::InvalidRequest,
                "The request has this upload twice, with different checksums; expected each upload once.",
            ))
        }
    });
    turns.collect()
}
