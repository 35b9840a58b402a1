//! Bytes per second, lately.

use crate::sys::float;

/// Milliseconds that a sample spans at least: events come in bursts.
const SAMPLE: f64 = 200.0;

/// Milliseconds after which a sample weighs half.
const MEMORY: f64 = 2000.0;

/// A moving average.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Rate {
    /// When the sample that is being taken began.
    since: Option<f64>,
    bytes: u64,
    per_second: Option<f64>,
}

impl Rate {
    /// Bytes are counted from now on, if they are not already.
    pub(crate) fn start(&mut self, now: f64) {
        self.since.get_or_insert(now);
    }

    pub(crate) fn add(&mut self, bytes: u64, now: f64) {
        self.bytes += bytes;
        let since = *self.since.get_or_insert(now);
        let span = now - since;
        if span < 0.0 {
            // The clock was set back.
            self.since = Some(now);
        } else if span >= SAMPLE {
            let sample = float(self.bytes) * 1000.0 / span;
            let weight = span / (span + MEMORY);
            self.per_second = Some(
                self.per_second
                    .map_or(sample, |average| average + (sample - average) * weight),
            );
            self.since = Some(now);
            self.bytes = 0;
        }
    }

    /// 0 until the first sample is taken.
    pub(crate) fn per_second(&self) -> f64 {
        self.per_second.unwrap_or(0.0)
    }

    /// `None` while there is no speed.
    pub(crate) fn seconds_for(&self, bytes: u64) -> Option<f64> {
        if bytes == 0 {
            return Some(0.0);
        }
        self.per_second
            .filter(|&speed| speed > 0.0)
            .map(|speed| float(bytes) / speed)
    }
}

#[cfg(test)]
mod tests {
    use super::Rate;

    #[test]
    fn a_steady_speed_is_that_speed() {
        let mut rate = Rate::default();
        rate.start(0.0);
        for step in 1..=100 {
            rate.add(1000, f64::from(step) * 50.0);
        }
        assert!((rate.per_second() - 20_000.0).abs() < 1.0);
        assert_eq!(rate.seconds_for(0), Some(0.0));
        assert!((rate.seconds_for(10_000).unwrap() - 0.5).abs() < 0.001);
    }

    #[test]
    fn a_new_speed_takes_over_within_seconds() {
        let mut rate = Rate::default();
        rate.start(0.0);
        rate.add(1_000_000, 1000.0);
        for step in 1..=20 {
            rate.add(100_000, 1000.0 + f64::from(step) * 1000.0);
        }
        assert!(rate.per_second() < 110_000.0, "{}", rate.per_second());
    }

    #[test]
    fn nothing_measured_is_no_speed_and_a_clock_that_goes_back_does_no_harm() {
        let mut rate = Rate::default();
        assert_eq!((rate.per_second(), rate.seconds_for(1)), (0.0, None));
        rate.start(1000.0);
        rate.add(10, 500.0);
        rate.add(990, 1500.0);
        assert!(rate.per_second() > 0.0 && rate.per_second().is_finite());
    }
}
