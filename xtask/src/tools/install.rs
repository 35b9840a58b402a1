use std::path::{Path, PathBuf};

use crate::cache;
use crate::error::Error;
use crate::run::{cargo, run, say};

/// A program of a crate on crates.io, to be built into the cache.
pub(crate) struct Program<'a> {
    /// The name that the cache knows it by.
    pub(crate) name: &'a str,
    pub(crate) package: &'a str,
    pub(crate) version: &'a str,
    /// More of what `cargo install` is told.
    pub(crate) options: &'a [&'a str],
    /// How long it takes, in words.
    pub(crate) takes: &'a str,
}

impl Program<'_> {
    /// The folder that holds the program, built with `cargo install` if the cache does not have it. A debug build is fast enough
    /// and is built in half the time.
    pub(crate) fn folder(&self) -> Result<PathBuf, Error> {
        let folder = cache::folder(&format!("{}-{}", self.name, self.version), |draft| {
            self.build(draft)
        })?;
        Ok(folder.join("bin"))
    }

    fn build(&self, draft: &Path) -> Result<(), Error> {
        say(format!(
            "Building {} {} ({}; kept in {})",
            self.name,
            self.version,
            self.takes,
            draft.parent().unwrap_or(draft).display()
        ));
        let mut command = cargo()?;
        command
            .current_dir(draft)
            // Into a temporary folder of cargo's own, not among the workspace's.
            .env_remove("CARGO_TARGET_DIR")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .args(["install", "--debug", self.package])
            .args(["--version", self.version])
            .args(self.options)
            .arg("--root")
            .arg(draft);
        run(&mut command)
    }
}
