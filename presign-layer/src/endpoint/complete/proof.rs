//! What the client proves the file with.

use presign_protocol::{Crc, ErrorCode, FileError, SentUpload};

use super::{checksum, md5};
use crate::problem::file_error;
use crate::store::ObjectHead;
use crate::token::Claims;

/// As the grant asked for it.
pub(super) struct Proof {
    /// Of the whole, in base64.
    pub(super) checksum: Option<(Crc, String)>,
    md5: Option<[u8; 16]>,
}

impl Proof {
    pub(super) fn read(claims: &Claims, sent: &SentUpload) -> Result<Self, FileError> {
        Ok(Self {
            checksum: checksum::check(claims.checksums.crc, sent.checksum.as_deref())?,
            md5: md5::check(
                claims.checksums.md5_at_complete,
                sent.content_md5.as_deref(),
            )?,
        })
    }

    /// With what the store says of the object. It compared the checksum itself when it made the parts an object, but not where that had been done
    /// before.
    pub(super) fn compare(&self, head: &ObjectHead) -> Result<(), FileError> {
        md5::compare(self.md5, head)?;
        match (&self.checksum, &head.checksum) {
            (Some((crc, given)), Some(stored)) if *crc == stored.crc && *given != stored.value => {
                Err(file_error(
                    ErrorCode::ChecksumMismatch,
                    "The file's checksum is not that of what the store has; the upload has to begin anew.",
                ))
            }
            _ => Ok(()),
        }
    }
}
