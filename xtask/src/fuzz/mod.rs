//! `cargo xtask fuzz`: strange bytes for whatever reads a stranger's.

mod build;
mod target;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Mutex, PoisonError};
use std::thread;

use crate::error::Error;
use crate::run::{cargo, run as run_command, say};
use crate::test::counts::Counts;
use crate::tools::rust::component;
use crate::workspace;
use target::Target;

/// Seconds for each target when the tests are run.
const IN_TESTS: u32 = 4;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// Only these targets; all of them unless given.
    #[arg(value_name = "TARGET")]
    only: Vec<String>,
    /// How long each target is fuzzed.
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    seconds: u32,
    /// How many targets run at once; as many as there are processors unless given.
    #[arg(long, value_name = "TARGETS")]
    at_once: Option<usize>,
    /// Do not fuzz, but give this input, such as one that was found, to the one target that is named.
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Do not fuzz, but take into the corpus, of what has been found so far, the least that reaches all that was reached.
    #[arg(long, conflicts_with = "input")]
    keep: bool,
}

/// Fuzzes what is asked for, and fails if one target found something.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let targets = Target::chosen(&arguments.only)?;
    if let Some(input) = &arguments.input {
        return replay(&targets, input);
    }
    build::all()?;
    if arguments.keep {
        targets.iter().try_for_each(Target::keep)?;
        return Ok(ExitCode::SUCCESS);
    }
    let counts = fuzz(&targets, arguments.seconds, arguments.at_once)?;
    Ok(match counts.failed {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    })
}

/// The step of the tests: the targets' own formatting and lints, and each of them for a few seconds.
pub(crate) fn briefly() -> Result<Counts, Error> {
    component("fmt", "rustfmt")?;
    component("clippy", "clippy")?;
    let manifest = workspace::fuzz().join("Cargo.toml");
    let here = |subcommand: &str| {
        let mut command = cargo()?;
        command
            .arg(subcommand)
            .arg("--manifest-path")
            .arg(&manifest);
        Ok::<_, Error>(command)
    };
    run_command(here("fmt")?.arg("--check"))?;
    build::all()?;
    let mut clippy = here("clippy")?;
    build::instrumented(&mut clippy)?;
    run_command(clippy.args(["--", "-D", "warnings"]))?;
    fuzz(&Target::chosen(&[])?, IN_TESTS, None)
}

/// Each target counts as one test.
fn fuzz(targets: &[Target], seconds: u32, at_once: Option<usize>) -> Result<Counts, Error> {
    let at_once = at_once.map_or_else(
        || thread::available_parallelism().map_or(1, usize::from),
        |given| given.max(1),
    );
    say(format!(
        "Fuzzing {} targets for {seconds} s each, {at_once} at once",
        targets.len()
    ));
    let waiting = Mutex::new(targets.iter());
    let counts = Mutex::new(Counts::default());
    let one_after_another = || {
        loop {
            let next = waiting
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .next();
            let Some(target) = next else {
                return Ok(());
            };
            let found = target.fuzz(seconds)?;
            let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
            counts.passed += u64::from(!found);
            counts.failed += u64::from(found);
        }
    };
    thread::scope(|scope| {
        let running: Vec<_> = (0..at_once)
            .map(|_| scope.spawn(one_after_another))
            .collect();
        running.into_iter().try_for_each(|thread| {
            thread
                .join()
                .unwrap_or_else(|_| Err(Error::Unexpected("a thread panicked".to_owned())))
        })
    })?;
    Ok(counts.into_inner().unwrap_or_else(PoisonError::into_inner))
}

fn replay(targets: &[Target], input: &Path) -> Result<ExitCode, Error> {
    let [target] = targets else {
        return Err(Error::Unexpected(
            "an input is for one target: name it".to_owned(),
        ));
    };
    build::all()?;
    target.replay(input)?;
    Ok(ExitCode::SUCCESS)
}
