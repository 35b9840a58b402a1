use std::time::Duration;

use presign_protocol::{Crc, MAX_PART_SIZE, MAX_PUT_SIZE, MIN_PART_SIZE};

use super::{Policy, PolicyError};
use crate::plan::Plan;

/// The least bytes of a file that goes in parts, unless the policy says otherwise: below it, one PUT is as fast and takes two requests fewer.
pub(super) const DEFAULT_THRESHOLD: u64 = 32 * 1024 * 1024;

/// Bytes of a part, unless the policy says otherwise.
pub(super) const DEFAULT_PART_SIZE: u64 = 16 * 1024 * 1024;

/// How long an upload can be continued, unless the policy says otherwise.
pub(super) const DEFAULT_RESUMABLE: Duration = Duration::from_hours(7 * 24);

/// How large files are uploaded in parts.
#[derive(Clone, Debug)]
pub(crate) struct MultipartRules {
    /// Files of at least this many bytes go in parts; every file beyond what one PUT can carry does.
    pub(crate) threshold: u64,
    /// Bytes of a part; of very large files they grow.
    pub(crate) part_size: u64,
    /// The checksum of the whole that Complete carries.
    pub(crate) crc: Option<Crc>,
}

impl MultipartRules {
    /// `None` where the policy lets no file be large enough; `max` is the most bytes of a file.
    pub(super) fn check(policy: &Policy, max: u64) -> Result<Option<Self>, PolicyError> {
        if !(MIN_PART_SIZE..=MAX_PART_SIZE).contains(&policy.part_size) {
            return Err(PolicyError::PartSize {
                given: policy.part_size,
            });
        }
        let lives = Duration::from_mins(1)..=Duration::from_hours(30 * 24);
        if !lives.contains(&policy.resumable_for) || policy.resumable_for.subsec_nanos() != 0 {
            return Err(PolicyError::ResumableFor {
                given: policy.resumable_for,
            });
        }
        if policy.single_put_only && policy.full_object_checksum.is_some() {
            return Err(PolicyError::ChecksumWithoutParts);
        }
        let threshold = policy.multipart_threshold.clamp(1, MAX_PUT_SIZE + 1);
        if policy.single_put_only || max < threshold {
            return Ok(None);
        }
        Ok(Some(Self {
            threshold,
            part_size: policy.part_size,
            crc: policy.full_object_checksum,
        }))
    }

    /// The parts of a file of `size` bytes; `None` where one PUT carries it.
    pub(crate) fn plan(&self, size: u64) -> Option<Plan> {
        if size < self.threshold {
            return None;
        }
        Plan::new(size, self.part_size)
    }
}
