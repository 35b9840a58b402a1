//! What is copied: an object as it is at one moment.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use s3s::dto::{Checksum, CopySource, ETag, ETagCondition};
use s3s::{S3Error, S3Result, s3_error};

use super::algorithm::Algorithm;
use super::checksum::{Found, Sums};
use super::keys;
use super::multipart::blocking;
use super::objects::Objects;
use super::scratch::{Scratch, ScratchFolder};
use super::sidecar;

/// Bytes that are read at once.
const BUFFER: usize = 256 * 1024;

/// S3's own limit for one copy, of an object or of a part, 5 GiB.
const MAX_COPIED: u64 = 5 * 1024 * 1024 * 1024;

/// Whether one request may copy so many bytes.
pub(super) fn check_copied(bytes: u64) -> S3Result<()> {
    if bytes > MAX_COPIED {
        return Err(s3_error!(
            InvalidRequest,
            "The specified copy source is larger than the maximum allowable size for a copy source: {MAX_COPIED}"
        ));
    }
    Ok(())
}

/// What a request copies from, and under which condition.
pub(super) struct Wanted<'a> {
    pub(super) source: &'a CopySource,
    pub(super) if_match: Option<&'a ETagCondition>,
    /// Any of the other conditions is there.
    pub(super) otherwise: bool,
}

/// An open object. Whoever replaces or deletes it meanwhile changes nothing of it.
#[derive(Debug)]
pub(super) struct Source {
    file: File,
    pub(super) size: u64,
    /// The headers that it is served with, as [`sidecar`] has them.
    pub(super) attributes: Vec<u8>,
    pub(super) checksum: Checksum,
}

impl Objects {
    /// Opens what is to be copied.
    ///
    /// # Errors
    ///
    /// `NoSuchBucket`, `NoSuchKey`; `PreconditionFailed` where it is another object than the one that the request means; `NotImplemented` for
    /// what this store has not: versions, access points, conditions on time.
    pub(super) async fn source(&self, wanted: Wanted<'_>) -> S3Result<Source> {
        let CopySource::Bucket {
            bucket,
            key,
            version_id: None,
        } = wanted.source
        else {
            return Err(s3_error!(
                NotImplemented,
                "only objects of buckets, and without versions, can be copied"
            ));
        };
        if wanted.otherwise {
            return Err(s3_error!(
                NotImplemented,
                "the only condition on a source is x-amz-copy-source-if-match"
            ));
        }
        self.check_bucket(bucket)?;
        let name = keys::stored(bucket, key)?.name.into_owned();
        let (folder, locks) = self.shared();
        let _writers_wait = locks.lock(bucket, &name).await;
        let file = match File::open(folder.object(bucket, &name)) {
            Ok(file) => file,
            Err(error)
                if error.kind() == io::ErrorKind::NotFound
                    || error.kind() == io::ErrorKind::NotADirectory =>
            {
                return Err(s3_error!(NoSuchKey, "The specified key does not exist."));
            }
            Err(error) => return Err(S3Error::internal_error(error)),
        };
        let there = file.metadata().map_err(S3Error::internal_error)?;
        if !there.is_file() {
            return Err(s3_error!(NoSuchKey, "The specified key does not exist."));
        }
        let etag = sidecar::etag(&folder, bucket, &name).map(ETag::Strong);
        let meant = match wanted.if_match {
            None | Some(ETagCondition::Any) => true,
            Some(ETagCondition::ETag(meant)) => etag.is_some_and(|etag| etag.strong_cmp(meant)),
        };
        if !meant {
            return Err(s3_error!(
                PreconditionFailed,
                "At least one of the pre-conditions you specified did not hold"
            ));
        }
        Ok(Source {
            file,
            size: there.len(),
            attributes: sidecar::attributes(&folder, bucket, &name)
                .map_err(S3Error::internal_error)?,
            checksum: sidecar::checksum(&folder, bucket, &name),
        })
    }
}

impl Source {
    /// Copies these bytes, and finds their MD5 and the sum by `algorithm`.
    pub(super) async fn copy(
        self,
        folder: &ScratchFolder,
        bytes: Range<u64>,
        algorithm: Option<Algorithm>,
    ) -> S3Result<(Scratch, Found)> {
        let (scratch, mut to) = folder.file().map_err(S3Error::internal_error)?;
        let sums = Sums::declared_by(None, Checksum::default(), None, None)?;
        let mut sums = sums.also(algorithm);
        let mut from = self.file;
        let found = blocking(move || {
            let copy = || -> io::Result<()> {
                from.seek(SeekFrom::Start(bytes.start))?;
                let mut from = from.take(bytes.end - bytes.start);
                let mut buffer = vec![0; BUFFER];
                loop {
                    match from.read(&mut buffer)? {
                        0 if from.limit() > 0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                        0 => return Ok(()),
                        read => {
                            sums.update(&buffer[..read]);
                            to.write_all(&buffer[..read])?;
                        }
                    }
                }
            };
            copy().map_err(S3Error::internal_error)?;
            sums.verify()
        })
        .await?;
        Ok((scratch, found))
    }
}
