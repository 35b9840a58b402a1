//! `cargo xtask demo`: the demo, once built.

use std::ffi::OsString;
use std::process::{Command, ExitCode};

use crate::error::Error;
use crate::run::{not_started, say};
use crate::workspace;

/// Runs the demo in this process's place, so that Ctrl-C, SIGTERM and the exit code are its own.
#[cfg(unix)]
pub(crate) fn run(arguments: &[OsString]) -> Result<ExitCode, Error> {
    use std::os::unix::process::CommandExt as _;

    let mut command = command(arguments)?;
    let source = command.exec();
    Err(not_started(&command, source))
}

/// Runs the demo and answers as it does.
#[cfg(not(unix))]
pub(crate) fn run(arguments: &[OsString]) -> Result<ExitCode, Error> {
    let mut command = command(arguments)?;
    let status = command
        .status()
        .map_err(|source| not_started(&command, source))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}

fn command(arguments: &[OsString]) -> Result<Command, Error> {
    let mut command = Command::new(workspace::demo()?);
    command.args(arguments);
    say(format!("Running {}", crate::run::words(&command)));
    Ok(command)
}
