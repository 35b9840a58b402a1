use std::env;
use std::path::PathBuf;

use crate::error::{Error, Missing};
use crate::run::on_path;
use crate::tools::apt;

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

fn find() -> Option<PathBuf> {
    ["PRESIGN_CHROMIUM", "CHROMIUM"]
        .iter()
        .filter_map(env::var_os)
        .find(|path| !path.is_empty())
        .map(PathBuf::from)
        .or_else(|| NAMES.iter().find_map(|name| on_path(name)))
}
