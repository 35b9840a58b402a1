//! Running other programs.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::Error;
use crate::workspace;

/// Says on the terminal what is being done.
pub(crate) fn say(what: impl AsRef<str>) {
    eprintln!("» {}", what.as_ref());
}

/// The very cargo that runs this, at the workspace's root, with the target folder that this was built into: one folder
/// for everything, wherever the chore was started from.
pub(crate) fn cargo() -> Result<Command, Error> {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(workspace::root())
        .env("CARGO_TARGET_DIR", workspace::target_dir()?);
    Ok(command)
}

/// npm, in `folder`.
pub(crate) fn npm(folder: &Path) -> Command {
    let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(folder);
    command
}

/// Runs it with this terminal as its own and expects success.
pub(crate) fn run(command: &mut Command) -> Result<(), Error> {
    let status = command
        .status()
        .map_err(|source| not_started(command, source))?;
    if status.success() {
        Ok(())
    } else {
        Err(Error::Failed {
            command: words(command),
            status,
        })
    }
}

/// What it writes to its standard output, or nothing when it cannot be started or fails.
pub(crate) fn answer(command: &mut Command) -> Option<String> {
    let output = command.stderr(Stdio::null()).output().ok()?;
    output
        .status
        .success()
        .then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Where `program` is on PATH.
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let name = format!("{program}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(&name))
        .find(|path| path.is_file())
}

/// PATH with `folders` in front.
pub(crate) fn path_with(folders: &[PathBuf]) -> Result<std::ffi::OsString, Error> {
    let inherited = env::var_os("PATH").unwrap_or_default();
    env::join_paths(folders.iter().cloned().chain(env::split_paths(&inherited)))
        .map_err(|error| Error::Unexpected(format!("PATH cannot be made: {error}")))
}

pub(crate) fn not_started(command: &Command, source: std::io::Error) -> Error {
    Error::NotStarted {
        command: words(command),
        source,
    }
}

/// The command as one would type it.
pub(crate) fn words(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str());
    std::iter::once(name)
        .chain(command.get_args())
        .map(OsStr::to_string_lossy)
        .collect::<Vec<_>>()
        .join(" ")
}
