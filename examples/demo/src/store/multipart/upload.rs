//! What is remembered of an upload and of its parts.

use std::time::SystemTime;

use s3s::dto::{ChecksumAlgorithm, ChecksumType, Timestamp};
use s3s::{S3Result, s3_error};
use serde::{Deserialize, Serialize};

use super::super::algorithm::Algorithm;
use super::super::checksum::Found;
use super::super::hex::hex;
use super::super::scratch::Scratch;
use super::super::sidecar::Attributes;

/// An upload that has been created and neither completed nor aborted.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Upload {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) initiated: Timestamp,
    pub(super) attributes: Attributes,
    pub(super) summing: Option<Summing>,
}

/// How the object's checksum is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Summing {
    pub(super) algorithm: Algorithm,
    pub(super) over: Over,
}

/// What a checksum is taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Over {
    /// The object's bytes.
    Bytes,
    /// The checksums of its parts.
    Parts,
}

/// A part that is whole and verified.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Part {
    /// The file with the bytes, in the upload's folder.
    pub(super) file: String,
    pub(super) size: u64,
    pub(super) md5: [u8; 16],
    /// By the upload's algorithm, in base64.
    pub(super) sum: Option<String>,
    pub(super) last_modified: Timestamp,
}

impl Part {
    /// One whose bytes are in `scratch`, of what was found in them; its sum is taken if the upload has an algorithm.
    pub(super) fn stored(
        number: i32,
        scratch: &Scratch,
        size: u64,
        found: &mut Found,
        algorithm: Option<Algorithm>,
    ) -> S3Result<Self> {
        let name = scratch.path().file_name().unwrap_or_default();
        Ok(Self {
            file: format!("{number}-{}", name.to_string_lossy()),
            size,
            md5: found.md5.ok_or_else(|| s3_error!(InternalError))?,
            sum: algorithm.and_then(|algorithm| algorithm.sum(&mut found.checksum).clone()),
            last_modified: Timestamp::from(SystemTime::now()),
        })
    }

    /// Without its quotes.
    pub(super) fn etag(&self) -> String {
        hex(&self.md5)
    }
}

impl Summing {
    /// As `x-amz-checksum-algorithm` and `x-amz-checksum-type` ask for.
    ///
    /// # Errors
    ///
    /// `InvalidRequest` for what S3 does not have.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html>, "Full object and composite
    /// checksum types".
    pub(super) fn asked_for(
        algorithm: Option<&ChecksumAlgorithm>,
        over: Option<&ChecksumType>,
    ) -> S3Result<Option<Self>> {
        let Some(algorithm) = algorithm else {
            return match over {
                None => Ok(None),
                Some(_) => Err(s3_error!(
                    InvalidRequest,
                    "The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header."
                )),
            };
        };
        let algorithm = Algorithm::of(algorithm).ok_or_else(|| {
            s3_error!(
                InvalidRequest,
                "Checksum algorithm provided is unsupported. Please try again with any of the valid types: \
                 [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]"
            )
        })?;
        let over = match over.map(ChecksumType::as_str) {
            None if algorithm == Algorithm::Crc64Nvme => Over::Bytes,
            None | Some(ChecksumType::COMPOSITE) => Over::Parts,
            Some(ChecksumType::FULL_OBJECT) => Over::Bytes,
            Some(_) => {
                return Err(s3_error!(
                    InvalidRequest,
                    "Value for x-amz-checksum-type header is invalid."
                ));
            }
        };
        let summing = Self { algorithm, over };
        let possible = match algorithm {
            Algorithm::Crc64Nvme => over == Over::Bytes,
            Algorithm::Sha1 | Algorithm::Sha256 => over == Over::Parts,
            Algorithm::Crc32 | Algorithm::Crc32c => true,
        };
        if possible {
            Ok(Some(summing))
        } else {
            Err(s3_error!(
                InvalidRequest,
                "The {} checksum type cannot be used with the {} checksum algorithm.",
                over.name(),
                algorithm.name().to_lowercase()
            ))
        }
    }

    pub(super) fn algorithm_name(self) -> ChecksumAlgorithm {
        ChecksumAlgorithm::from_static(self.algorithm.name())
    }

    pub(super) fn type_name(self) -> ChecksumType {
        ChecksumType::from_static(self.over.name())
    }
}

impl Over {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bytes => ChecksumType::FULL_OBJECT,
            Self::Parts => ChecksumType::COMPOSITE,
        }
    }
}
