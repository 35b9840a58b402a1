use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::cache;
use crate::error::{Doing, Error, Missing};
use crate::run::{answer, run, say};
use crate::tools::apt;
use crate::workspace::openapi_tests;

/// Schemathesis, which tries an HTTP API with requests made out of its OpenAPI document: installed into a virtual environment in the cache, in the
/// versions that the tests name.
pub(crate) fn program() -> Result<Command, Error> {
    let versions = openapi_tests().join("requirements.txt");
    let mut hasher = DefaultHasher::new();
    let named = fs::read(&versions).doing(|| format!("read {}", versions.display()))?;
    named.hash(&mut hasher);
    let name = format!("schemathesis-{:016x}", hasher.finish());
    let folder = cache::folder(&name, |draft| {
        python_with_venv()?;
        say("Installing schemathesis with pip (a few seconds)");
        run(Command::new(PYTHON).args(["-m", "venv"]).arg(draft))?;
        run(python_in(draft)
            .args(["-m", "pip", "install", "--quiet", "--no-input"])
            .args(["--disable-pip-version-check", "--requirement"])
            .arg(&versions))
    })?;
    // The programs that pip makes know the folder they were made in; Python itself works wherever it is moved to.
    let mut program = python_in(&folder);
    program.args(["-m", "schemathesis.cli"]);
    Ok(program)
}

const PYTHON: &str = if cfg!(windows) { "python" } else { "python3" };

fn python_in(folder: &Path) -> Command {
    let place: PathBuf = if cfg!(windows) {
        ["Scripts", "python.exe"].iter().collect()
    } else {
        ["bin", "python"].iter().collect()
    };
    Command::new(folder.join(place))
}

fn python_with_venv() -> Result<(), Error> {
    if !has_venv() {
        apt::install("python3-venv")?;
    }
    if has_venv() {
        return Ok(());
    }
    Err(Missing::new(
        "Python 3 with venv",
        "schemathesis, which tries the endpoints by their OpenAPI document, runs in it",
        "install it (on Debian: apt-get install python3-venv)",
    )
    .into())
}

fn has_venv() -> bool {
    answer(Command::new(PYTHON).args(["-c", "import ensurepip, venv"])).is_some()
}
