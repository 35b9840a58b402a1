use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::error::{Error, Missing};
use crate::run::{answer, on_path, run, say};

const NAMES: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// Chromium: `PRESIGN_CHROMIUM`, `CHROMIUM`, PATH, or Debian's own package where this may install it.
pub(crate) fn program() -> Result<PathBuf, Error> {
    if let Some(found) = find() {
        return Ok(found);
    }
    if on_path("apt-get").is_some() && is_root() {
        say("Installing Chromium with apt-get");
        run(apt_get().arg("update"))?;
        run(apt_get().args(["install", "-y", "--no-install-recommends", "chromium"]))?;
    }
    find().ok_or_else(|| {
        Missing::new(
            "Chromium",
            "the browser tests run in it",
            "install it (on Debian: apt-get install chromium), or set PRESIGN_CHROMIUM to its path",
        )
        .into()
    })
}

fn find() -> Option<PathBuf> {
    ["PRESIGN_CHROMIUM", "CHROMIUM"]
        .iter()
        .filter_map(env::var_os)
        .find(|path| !path.is_empty())
        .map(PathBuf::from)
        .or_else(|| NAMES.iter().find_map(|name| on_path(name)))
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_root() -> bool {
    answer(Command::new("id").arg("-u")).as_deref() == Some("0")
}
