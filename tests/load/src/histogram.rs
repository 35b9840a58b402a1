//! How long many things took, in memory that does not grow with their number.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Each power of two is divided into so many, so a time is known to 3 %.
const STEPS: u32 = 32;

/// Enough for 2³² microseconds, more than an hour.
const BUCKETS: usize = 28 * 32;

/// Times, counted.
#[derive(Debug)]
pub(crate) struct Histogram {
    buckets: Vec<AtomicU64>,
}

impl Histogram {
    pub(crate) fn new() -> Self {
        Self {
            buckets: (0..BUCKETS).map(|_| AtomicU64::new(0)).collect(),
        }
    }

    pub(crate) fn add(&self, took: Duration) {
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        if let Some(bucket) = self.buckets.get(index(micros).min(BUCKETS - 1)) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(crate) fn count(&self) -> u64 {
        counts(&[self]).iter().sum()
    }
}

/// The time that so many of a hundred took at most, over all of these; none where nothing was counted.
pub(crate) fn percentile(of: &[&Histogram], percent: u64) -> Option<Duration> {
    let counts = counts(of);
    let wanted = (counts.iter().sum::<u64>() * percent).div_ceil(100).max(1);
    let mut seen = 0;
    let found = counts.iter().position(|count| {
        seen += count;
        seen >= wanted
    })?;
    Some(Duration::from_micros(above(found) - 1))
}

fn counts(of: &[&Histogram]) -> Vec<u64> {
    let mut sums = vec![0; BUCKETS];
    for histogram in of {
        for (sum, bucket) in sums.iter_mut().zip(&histogram.buckets) {
            *sum += bucket.load(Ordering::Relaxed);
        }
    }
    sums
}

/// The bucket of a time: up to `STEPS` one for each microsecond, then `STEPS` for each power of two.
fn index(micros: u64) -> usize {
    let power = micros.max(STEPS.into()).ilog2() - STEPS.ilog2();
    let index = (micros >> power) + u64::from(power * STEPS);
    usize::try_from(index).unwrap_or(usize::MAX)
}

/// The least time that is above all of this bucket.
fn above(index: usize) -> u64 {
    let (next, steps) = (index as u64 + 1, u64::from(STEPS));
    if next < 2 * steps {
        return next;
    }
    let power = next / steps - 1;
    (next % steps + steps) << power
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{BUCKETS, Histogram, above, index, percentile};

    #[test]
    fn every_time_is_in_a_bucket_that_is_no_wider_than_a_thirtieth_of_it() {
        for micros in (0..100_000).chain([1 << 20, 59_999_999, (1 << 32) - 1]) {
            let bucket = index(micros);
            assert!(bucket < BUCKETS, "{micros}");
            let from = bucket.checked_sub(1).map_or(0, above);
            assert!(from <= micros && micros < above(bucket), "{micros}");
            let width = above(bucket) - from;
            assert!(width == 1 || width * 30 <= micros, "{micros}");
        }
    }

    #[test]
    fn a_time_too_long_to_tell_is_the_longest() {
        let histogram = Histogram::new();
        histogram.add(Duration::MAX);
        let longest = percentile(&[&histogram], 50);
        assert!(longest >= Some(Duration::from_hours(1)), "{longest:?}");
    }

    #[test]
    fn percentiles_are_of_all_that_was_counted() {
        let (fast, slow) = (Histogram::new(), Histogram::new());
        assert_eq!(percentile(&[&fast, &slow], 50), None);
        for _ in 0..98 {
            fast.add(Duration::from_micros(10));
        }
        slow.add(Duration::from_micros(20));
        slow.add(Duration::from_secs(1));
        assert_eq!((fast.count(), slow.count()), (98, 2));
        let of = |percent| percentile(&[&fast, &slow], percent).unwrap();
        assert_eq!(of(50), Duration::from_micros(10));
        assert_eq!(of(98), Duration::from_micros(10));
        assert_eq!(of(99), Duration::from_micros(20));
        let last = of(100).as_millis();
        assert!((1000..1035).contains(&last), "{last}");
    }
}
