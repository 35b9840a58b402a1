//! What is said of a trial, and whether it is good.

use std::fmt;
use std::time::Duration;

use crate::histogram::{Histogram, percentile};
use crate::tally::Kind;
use crate::trial::{CLIENTS, Flow, STALLED, Trial};

/// Bytes that memory may grow by from its settled start: what an allocator keeps, and does not give back, goes up and down by that.
const GROWTH: u64 = 16 << 20;

/// Those who stall hold the others when these wait so many times as long as without them, at the 99th percentile …
const TIMES_AS_LONG: u32 = 3;

/// … and so much longer.
const LONGER: Duration = Duration::from_secs(1);

/// And when so many times fewer answers come as without them.
const TIMES_AS_FEW: f64 = 4.0;

/// What was seen, in numbers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdict {
    seconds: u32,
    kinds: Vec<(Kind, u64)>,
    both: Times,
    alone: Times,
    stalled: Times,
    flow: Flow,
    flow_alone: Flow,
    flow_stalled: Flow,
    memory: Option<(u64, u64)>,
    faults: Vec<(String, u64)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Times {
    requests: u64,
    median: Option<Duration>,
    slowest: Option<Duration>,
}

impl Times {
    fn of(histograms: &[&Histogram]) -> Self {
        Self {
            requests: histograms.iter().map(|times| times.count()).sum(),
            median: percentile(histograms, 50),
            slowest: percentile(histograms, 99),
        }
    }
}

impl Verdict {
    pub(crate) fn new(trial: &Trial, seconds: u32) -> Self {
        let tally = &trial.tally;
        Self {
            seconds,
            kinds: Kind::ALL.map(|kind| (kind, tally.count(kind))).to_vec(),
            both: Times::of(&[&tally.alone, &tally.stalled]),
            alone: Times::of(&[&tally.alone]),
            stalled: Times::of(&[&tally.stalled]),
            flow: trial.all,
            flow_alone: trial.alone,
            flow_stalled: trial.stalled,
            memory: trial.memory,
            faults: tally.faults(),
        }
    }

    /// What is not as it must be, one sentence each.
    pub(crate) fn failures(&self) -> Vec<String> {
        let mut failures: Vec<_> = self
            .faults
            .iter()
            .map(|(fault, times)| format!("{times} × {fault}"))
            .collect();
        let never = self.kinds.iter().filter(|(_, count)| *count == 0);
        failures.extend(never.map(|(kind, _)| format!("`{kind}` was never answered")));
        if let Some((start, end)) = self.memory
            && end > start + GROWTH
        {
            failures.push(format!(
                "memory grew by {}, which is more than {}",
                Mebibytes(end - start),
                Mebibytes(GROWTH)
            ));
        }
        if self.waits_longer() || self.gets_fewer() {
            failures.push("clients that stall hold others".to_owned());
        }
        failures
    }

    fn waits_longer(&self) -> bool {
        let (Some(alone), Some(stalled)) = (self.alone.slowest, self.stalled.slowest) else {
            return false;
        };
        stalled > alone * TIMES_AS_LONG && stalled > alone + LONGER
    }

    fn gets_fewer(&self) -> bool {
        rate(self.flow_stalled) * TIMES_AS_FEW < rate(self.flow_alone)
    }
}

/// Answers in a second.
fn rate(flow: Flow) -> f64 {
    let seconds = flow.time.as_secs_f64();
    if seconds > 0.0 {
        // There are not so many that they would not be exact.
        #[expect(clippy::cast_precision_loss, reason = "it is a count")]
        let answers = flow.answers as f64;
        answers / seconds
    } else {
        0.0
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let errors: u64 = self.faults.iter().map(|(_, times)| times).sum();
        writeln!(
            formatter,
            "{CLIENTS} clients for {} s: {:.0} requests/s",
            self.seconds,
            rate(self.flow)
        )?;
        writeln!(formatter, "all       {}", self.both)?;
        writeln!(formatter, "alone     {}", self.alone)?;
        writeln!(
            formatter,
            "with {STALLED:<4} {} (so many stall)",
            self.stalled
        )?;
        write!(formatter, "of them  ")?;
        for (kind, count) in &self.kinds {
            write!(formatter, " {kind} {count}")?;
        }
        writeln!(
            formatter,
            "\nanswers   {:.0}/s alone, {:.0}/s while others stall",
            rate(self.flow_alone),
            rate(self.flow_stalled)
        )?;
        writeln!(formatter, "errors    {errors}")?;
        match self.memory {
            Some((start, end)) => write!(
                formatter,
                "memory    {} settled, {} at the end",
                Mebibytes(start),
                Mebibytes(end)
            ),
            None => formatter.write_str("memory    not measured: this system has no /proc"),
        }
    }
}

impl fmt::Display for Times {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let millis = |time: Option<Duration>| time.unwrap_or_default().as_secs_f64() * 1000.0;
        write!(
            formatter,
            "{} requests, p50 {:.1} ms, p99 {:.1} ms",
            self.requests,
            millis(self.median),
            millis(self.slowest)
        )
    }
}

/// Bytes as people read them.
struct Mebibytes(u64);

impl fmt::Display for Mebibytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = self.0 * 10 / (1 << 20);
        write!(formatter, "{}.{} MiB", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{GROWTH, Times, Verdict};
    use crate::tally::Kind;
    use crate::trial::Flow;

    fn flow(answers: u64) -> Flow {
        Flow {
            answers,
            time: Duration::from_secs(5),
        }
    }

    fn good() -> Verdict {
        let times = |requests, millis| Times {
            requests,
            median: Some(Duration::from_millis(millis / 2)),
            slowest: Some(Duration::from_millis(millis)),
        };
        Verdict {
            seconds: 10,
            kinds: Kind::ALL.map(|kind| (kind, 100)).to_vec(),
            both: times(800, 510),
            alone: times(410, 500),
            stalled: times(390, 520),
            flow: Flow {
                answers: 800,
                time: Duration::from_secs(10),
            },
            flow_alone: flow(410),
            flow_stalled: flow(390),
            memory: Some((100 << 20, 101 << 20)),
            faults: Vec::new(),
        }
    }

    #[test]
    fn a_good_trial_has_no_failures_and_says_what_was_measured() {
        assert_eq!(good().failures(), Vec::<String>::new());
        let text = good().to_string();
        for part in [
            "1000 clients for 10 s: 80 requests/s",
            "all       800 requests, p50 255.0 ms, p99 510.0 ms",
            "alone     410 requests, p50 250.0 ms, p99 500.0 ms",
            "with 50   390 requests, p50 260.0 ms, p99 520.0 ms",
            "grant 100 guide 100",
            "answers   82/s alone, 78/s while others stall",
            "errors    0",
            "100.0 MiB settled, 101.0 MiB at the end",
        ] {
            assert!(text.contains(part), "{part}\n{text}");
        }
    }

    #[test]
    fn errors_and_what_was_never_answered_are_failures() {
        let mut bad = good();
        bad.faults = vec![("grant: answered 500 internal".to_owned(), 3)];
        bad.kinds[0].1 = 0;
        let expected = [
            "3 × grant: answered 500 internal",
            "`grant` was never answered",
        ];
        assert_eq!(bad.failures(), expected);
        assert!(bad.to_string().contains("errors    3"));
    }

    #[test]
    fn memory_may_grow_so_far() {
        let grown = |by| {
            let mut verdict = good();
            verdict.memory = Some((100 << 20, (100 << 20) + by));
            verdict.failures()
        };
        assert!(grown(GROWTH).is_empty());
        assert_eq!(
            grown(GROWTH + (1 << 20)),
            ["memory grew by 17.0 MiB, which is more than 16.0 MiB"]
        );
        let mut shrunk = good();
        shrunk.memory = Some((100 << 20, 1 << 20));
        assert!(shrunk.failures().is_empty());
        let mut unknown = good();
        unknown.memory = None;
        assert!(unknown.failures().is_empty());
    }

    #[test]
    fn others_are_held_when_they_wait_many_times_as_long() {
        let held = |alone, stalled| {
            let mut verdict = good();
            verdict.alone.slowest = Some(Duration::from_millis(alone));
            verdict.stalled.slowest = Some(Duration::from_millis(stalled));
            verdict.failures()
        };
        assert!(held(500, 1500).is_empty());
        assert!(held(10, 900).is_empty());
        assert_eq!(held(500, 1501), ["clients that stall hold others"]);
    }

    #[test]
    fn others_are_held_when_they_get_few_answers() {
        let held = |answers| {
            let mut verdict = good();
            verdict.flow_stalled = flow(answers);
            verdict.failures()
        };
        assert!(held(103).is_empty());
        for answers in [0, 102] {
            assert_eq!(held(answers), ["clients that stall hold others"]);
        }
    }
}
