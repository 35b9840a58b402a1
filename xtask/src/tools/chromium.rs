use std::env;
use std::path::PathBuf;

use crate::error::{Error, Missing};
use crate::run::{on_path, say};
use crate::tools::apt;

const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// The same engine without windows and profiles, which opens a page for a third of the work.
const SHELL: &str = "chromium-headless-shell";

/// Chromium: `PRESIGN_CHROMIUM`, `CHROMIUM`, PATH, or Debian's own package where this may install it.
pub(crate) fn program() -> Result<PathBuf, Error> {
    if let Some(found) = find() {
        return Ok(found);
    }
    apt::install("chromium")?;
    find().ok_or_else(|| {
        Missing::new(
            "Chromium",
            "the browser tests run in it",
            "install it (on Debian: apt-get install chromium), or set PRESIGN_CHROMIUM to its path",
        )
        .into()
    })
}

/// Chromium's headless shell, for a suite that has run in Chromium itself already; Chromium where one is given or there is no shell.
pub(crate) fn shell() -> Result<PathBuf, Error> {
    if let Some(given) = given() {
        return Ok(given);
    }
    if let Some(found) = on_path(SHELL) {
        return Ok(found);
    }
    if let Err(error) = apt::install(SHELL) {
        say(format!("{SHELL} cannot be installed: {error}"));
    }
    if let Some(found) = on_path(SHELL) {
        return Ok(found);
    }
    say(format!(
        "Without {SHELL} the tests run in Chromium, which takes longer"
    ));
    program()
}

fn find() -> Option<PathBuf> {
    given().or_else(|| NAMES.iter().find_map(|name| on_path(name)))
}

fn given() -> Option<PathBuf> {
    ["PRESIGN_CHROMIUM", "CHROMIUM"]
        .iter()
        .filter_map(env::var_os)
        .find(|path| !path.is_empty())
        .map(PathBuf::from)
}
