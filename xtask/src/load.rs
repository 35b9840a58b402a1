//! `cargo xtask load`: a thousand clients at once against the demo, and others that stall.

use std::process::Command;

use crate::error::{Error, Missing};
use crate::run::{cargo, run as run_command, say};
use crate::test::counts::Counts;
use crate::workspace::{Profile, program, target_dir};

/// Seconds when the tests are run.
const IN_TESTS: u32 = 10;

/// How `presign-load` says that this machine does not let it have what it needs.
const NOT_HERE: i32 = 3;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// How long the clients ask, after some seconds in which the demo settles.
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
    /// Build the demo and the clients with optimizations.
    #[arg(long)]
    release: bool,
}

/// Fails if a request did, if the demo's memory grew, or if clients that stall hold others.
pub(crate) fn run(arguments: &Arguments) -> Result<(), Error> {
    let profile = if arguments.release {
        Profile::Release
    } else {
        Profile::Dev
    };
    // One by one, so that the demo is built as it is elsewhere, and not once more with what the clients need of its dependencies.
    say("Building the demo and the clients");
    for package in ["presign-demo", "presign-load"] {
        let mut build = cargo()?;
        build.args(["build", "--package", package]);
        if arguments.release {
            build.arg("--release");
        }
        run_command(&mut build)?;
    }
    let mut load = Command::new(program("presign-load", profile)?);
    load.arg("--demo")
        .arg(program("presign-demo", profile)?)
        .arg("--data")
        .arg(target_dir()?.join("load-data"))
        .args(["--seconds", &arguments.seconds.to_string()]);
    say("A thousand clients ask the demo");
    run_command(&mut load).map_err(not_here)
}

/// The step of the tests.
pub(crate) fn briefly() -> Result<Counts, Error> {
    let arguments = Arguments {
        seconds: IN_TESTS,
        release: false,
    };
    run(&arguments).map(|()| Counts::default())
}

fn not_here(error: Error) -> Error {
    match error {
        Error::Failed { status, .. } if status.code() == Some(NOT_HERE) => Missing::new(
            "room for enough open files",
            "a thousand clients at once have a connection each",
            "raise the limit, as it says above",
        )
        .into(),
        error => error,
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::process::ExitStatusExt as _;
    use std::process::ExitStatus;

    use super::{NOT_HERE, not_here};
    use crate::error::Error;

    fn ended(code: i32) -> Error {
        not_here(Error::Failed {
            command: "presign-load".to_owned(),
            status: ExitStatus::from_raw(code << 8),
        })
    }

    #[test]
    fn too_few_files_are_the_machines_fault_and_all_else_is_not() {
        assert!(matches!(ended(NOT_HERE), Error::Missing(_)));
        assert!(matches!(ended(1), Error::Failed { .. }));
    }
}
