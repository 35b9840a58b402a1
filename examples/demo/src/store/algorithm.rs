//! The sums that S3 knows, and where each stands in a request.

use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Crc32, Crc32c, Crc64Nvme, Sha1, Sha256};
use s3s::dto::{Checksum, ChecksumAlgorithm};
use serde::{Deserialize, Serialize};

/// An algorithm that sums up an object's, or a part's, bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Algorithm {
    Crc32,
    Crc32c,
    Crc64Nvme,
    Sha1,
    Sha256,
}

impl Algorithm {
    pub(super) const ALL: [Self; 5] = [
        Self::Crc32,
        Self::Crc32c,
        Self::Crc64Nvme,
        Self::Sha1,
        Self::Sha256,
    ];

    pub(super) fn of(name: &ChecksumAlgorithm) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|algorithm| algorithm.name() == name.as_str())
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Crc32 => ChecksumAlgorithm::CRC32,
            Self::Crc32c => ChecksumAlgorithm::CRC32C,
            Self::Crc64Nvme => ChecksumAlgorithm::CRC64NVME,
            Self::Sha1 => ChecksumAlgorithm::SHA1,
            Self::Sha256 => ChecksumAlgorithm::SHA256,
        }
    }

    /// The header, or trailer, that has the sum.
    pub(super) fn header(self) -> &'static str {
        match self {
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    /// This algorithm's sum among others.
    pub(super) fn sum(self, sums: &mut Checksum) -> &mut Option<String> {
        match self {
            Self::Crc32 => &mut sums.checksum_crc32,
            Self::Crc32c => &mut sums.checksum_crc32c,
            Self::Crc64Nvme => &mut sums.checksum_crc64nvme,
            Self::Sha1 => &mut sums.checksum_sha1,
            Self::Sha256 => &mut sums.checksum_sha256,
        }
    }

    /// This sum and no other.
    pub(super) fn alone(self, sum: Option<String>) -> Checksum {
        let mut sums = Checksum::default();
        *self.sum(&mut sums) = sum;
        sums
    }

    /// Has `hasher` sum up by this algorithm too.
    pub(super) fn switch_on(self, hasher: &mut ChecksumHasher) {
        match self {
            Self::Crc32 => hasher.crc32 = Some(Crc32::default()),
            Self::Crc32c => hasher.crc32c = Some(Crc32c::default()),
            Self::Crc64Nvme => hasher.crc64nvme = Some(Crc64Nvme::default()),
            Self::Sha1 => hasher.sha1 = Some(Sha1::default()),
            Self::Sha256 => hasher.sha256 = Some(Sha256::default()),
        }
    }
}

/// The sums in any of s3s's inputs that have them.
macro_rules! sums_in {
    ($input:expr) => {
        s3s::dto::Checksum {
            checksum_crc32: $input.checksum_crc32.clone(),
            checksum_crc32c: $input.checksum_crc32c.clone(),
            checksum_crc64nvme: $input.checksum_crc64nvme.clone(),
            checksum_sha1: $input.checksum_sha1.clone(),
            checksum_sha256: $input.checksum_sha256.clone(),
            ..s3s::dto::Checksum::default()
        }
    };
}
pub(super) use sums_in;
