use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::error::{Error, Missing};
use crate::test::BUILD;
use crate::test::counts::Counts;
use crate::test::step::Step;

/// How each step ended.
#[derive(Debug, Default)]
pub(crate) struct Report {
    lines: Vec<Line>,
}

#[derive(Debug)]
struct Line {
    name: &'static str,
    ended: Ended,
    took: Duration,
}

#[derive(Debug)]
enum Ended {
    /// It ran to its end and counted these tests.
    Ran(Counts),
    /// It broke off.
    Broke(String),
    /// It cannot run on this machine.
    Missing(Missing),
    /// The build, which it needs, did not come to its end: it failed, or could not run on this machine.
    NoBuild { failed: bool },
}

impl Report {
    pub(crate) fn run(&mut self, step: Step) {
        let name = step.name;
        let start = Instant::now();
        let ended = match step.work() {
            Ok(counts) => Ended::Ran(counts),
            Err(Error::Missing(missing)) => Ended::Missing(missing),
            Err(error) => {
                eprintln!("{error}");
                Ended::Broke(error.to_string())
            }
        };
        self.lines.push(Line {
            name,
            ended,
            took: start.elapsed(),
        });
    }

    /// Notes that a step was not run because the build it needs did not come to its end; false if it did.
    pub(crate) fn no_build_for(&mut self, step: &Step) -> bool {
        let build = self.lines.iter().find(|line| line.name == BUILD);
        let failed = match build.map(|line| &line.ended) {
            None | Some(Ended::Ran(_)) => return false,
            Some(ended) => !matches!(ended, Ended::Missing(_)),
        };
        self.lines.push(Line {
            name: step.name,
            ended: Ended::NoBuild { failed },
            took: Duration::ZERO,
        });
        true
    }

    /// Prints the list and the sum. In CI a missing tool is a failure; elsewhere it is said, with how to get it.
    pub(crate) fn close(&self, in_ci: bool) -> ExitCode {
        let mut sum = Counts::default();
        println!("\nThe steps:");
        for line in &self.lines {
            let counts = line.ended.counts(in_ci);
            sum.passed += counts.passed;
            sum.failed += counts.failed;
            sum.skipped += counts.skipped;
            println!("{line}");
        }
        for line in &self.lines {
            if let Ended::Missing(missing) = &line.ended {
                println!("Not run: {} - {missing}", line.name);
            }
        }
        println!("\nEach test counts as one; a step without tests of its own counts as one.");
        if sum.skipped > 0 {
            println!("{} skipped", sum.skipped);
        }
        println!("{} passed, {} failed", sum.passed, sum.failed);
        if sum.failed == 0 && sum.passed > 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

impl std::fmt::Display for Line {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let took = self.took.as_secs_f32();
        write!(
            formatter,
            "  {:<17} {took:>6.1} s  {}",
            self.name, self.ended
        )
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Ran(counts) if *counts == Counts::default() => formatter.write_str("passed"),
            Self::Ran(counts) => {
                write!(
                    formatter,
                    "{} passed, {} failed",
                    counts.passed, counts.failed
                )?;
                if counts.skipped > 0 {
                    write!(formatter, ", {} skipped", counts.skipped)?;
                }
                Ok(())
            }
            Self::Broke(why) => write!(formatter, "FAILED: {why}"),
            Self::Missing(missing) => write!(formatter, "not run: {} is missing", missing.what),
            Self::NoBuild { failed: true } => formatter.write_str("not run: the build failed"),
            Self::NoBuild { failed: false } => {
                formatter.write_str("not run: nothing could be built")
            }
        }
    }
}

impl Ended {
    /// What it adds to the sum.
    fn counts(&self, in_ci: bool) -> Counts {
        let (passed, failed) = match self {
            Self::Ran(counts) if *counts == Counts::default() => (1, 0),
            Self::Ran(counts) => return *counts,
            Self::Broke(_) | Self::NoBuild { failed: true } => (0, 1),
            Self::Missing(_) | Self::NoBuild { failed: false } => (0, u64::from(in_ci)),
        };
        Counts {
            passed,
            failed,
            skipped: 0,
        }
    }
}
