//! How a file is cut into parts.

use presign_protocol::{MAX_PART_SIZE, MAX_PARTS};

const MIB: u64 = 1024 * 1024;

/// Equal parts but for the last one, which has what is left: at least one part, at most [`MAX_PARTS`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    size: u64,
    part_size: u64,
    count: u16,
}

impl Plan {
    /// For a file of `size` bytes, in parts of `part_size` or, where that would be too many of them, of the fewest whole MiB that will do.
    /// `None` for an empty file, and for one that no parts can carry.
    pub(crate) fn new(size: u64, part_size: u64) -> Option<Self> {
        let least = size.div_ceil(MAX_PARTS.into());
        let part_size = if least > part_size {
            least.next_multiple_of(MIB)
        } else {
            part_size
        };
        Self::of(size, part_size)
    }

    /// As a token has it.
    pub(crate) fn of(size: u64, part_size: u64) -> Option<Self> {
        if size == 0 || part_size == 0 || part_size > MAX_PART_SIZE {
            return None;
        }
        let count = size.div_ceil(part_size);
        let count = u16::try_from(count)
            .ok()
            .filter(|count| u32::from(*count) <= MAX_PARTS)?;
        Some(Self {
            size,
            part_size,
            count,
        })
    }

    pub(crate) fn size(self) -> u64 {
        self.size
    }

    pub(crate) fn part_size(self) -> u64 {
        self.part_size
    }

    /// Parts in all.
    pub(crate) fn count(self) -> u16 {
        self.count
    }

    /// The exact bytes of a part, from 1; `None` where there is no such part.
    pub(crate) fn bytes_of(self, number: u32) -> Option<u64> {
        let before = u64::from(number.checked_sub(1)?);
        if before >= u64::from(self.count) {
            return None;
        }
        Some((self.size - before * self.part_size).min(self.part_size))
    }
}

#[cfg(test)]
mod tests {
    use presign_protocol::{MAX_OBJECT_SIZE, MAX_PARTS, MIN_PART_SIZE};
    use proptest::prelude::*;

    use super::{MIB, Plan};

    proptest! {
        #[test]
        fn parts_add_up_to_the_file(
            size in prop_oneof![1..=MAX_OBJECT_SIZE, 1..100 * MIB],
            part_size in prop_oneof![Just(MIN_PART_SIZE), MIN_PART_SIZE..64 * MIB],
        ) {
            let plan = Plan::new(size, part_size).unwrap();
            prop_assert!(u32::from(plan.count()) <= MAX_PARTS && plan.part_size() >= part_size);
            prop_assert!(plan.part_size() == part_size || plan.part_size().is_multiple_of(MIB));
            let sizes: Vec<u64> = (1..=u32::from(plan.count())).map(|number| plan.bytes_of(number).unwrap()).collect();
            prop_assert_eq!(sizes.iter().sum::<u64>(), size);
            let (last, others) = sizes.split_last().unwrap();
            prop_assert!(others.iter().all(|bytes| *bytes == plan.part_size()) && (1..=plan.part_size()).contains(last));
            prop_assert_eq!(plan.bytes_of(0), None);
            prop_assert_eq!(plan.bytes_of(u32::from(plan.count()) + 1), None);
            prop_assert_eq!(plan.bytes_of(u32::MAX), None);
            prop_assert_eq!(Plan::of(size, plan.part_size()), Some(plan));
        }
    }

    #[test]
    fn part_size_grows_by_whole_mebibytes() {
        let in_parts = |size| {
            let plan = Plan::new(size, 16 * MIB).unwrap();
            (plan.count(), plan.part_size() / MIB)
        };
        assert_eq!(in_parts(1), (1, 16));
        assert_eq!(in_parts(160_000 * MIB), (10_000, 16));
        assert_eq!(in_parts(160_000 * MIB + 1), (9_412, 17));
        assert_eq!(in_parts(MAX_OBJECT_SIZE), (9_987, 525));
    }

    #[test]
    fn what_cannot_be_cut_is_not() {
        assert_eq!(Plan::new(0, MIB), None);
        assert_eq!(Plan::new(u64::MAX, MIB), None);
        assert_eq!(Plan::of(10, 0), None);
        assert_eq!(Plan::of(u64::MAX, 1), None);
    }
}
