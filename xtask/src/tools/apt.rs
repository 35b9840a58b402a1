use std::process::Command;

use crate::error::Error;
use crate::run::{answer, on_path, run, say};

/// Installs a package of Debian's where this may be done; elsewhere it does nothing.
pub(crate) fn install(package: &str) -> Result<(), Error> {
    if on_path("apt-get").is_none() || !is_root() {
        return Ok(());
    }
    say(format!("Installing {package} with apt-get"));
    run(apt_get().arg("update"))?;
    run(apt_get().args(["install", "-y", "--no-install-recommends", package]))
}

fn apt_get() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_root() -> bool {
    answer(Command::new("id").arg("-u")).as_deref() == Some("0")
}
