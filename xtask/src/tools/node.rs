use std::fs;
use std::path::Path;
use std::process::Command;

use crate::error::{Doing, Error, Missing};
use crate::run::{answer, npm, run, say};
use crate::stamp::{Stamp, hash};

const OLDEST: u32 = 20;

/// Sees to it that Node and npm are there, and not too old.
pub(crate) fn node() -> Result<(), Error> {
    let how = format!(
        "install Node {OLDEST} or newer from https://nodejs.org or the system's package manager"
    );
    let missing = |what: String| {
        Missing::new(
            what,
            "the npm package is built and tested with it",
            how.clone(),
        )
    };
    let version = answer(Command::new("node").arg("--version"));
    match version.as_deref().map(major) {
        None => return Err(missing("Node".to_owned()).into()),
        Some(Some(major)) if major >= OLDEST => {}
        Some(_) => {
            let found = version.unwrap_or_default();
            return Err(missing(format!("Node {OLDEST} (found: {found})")).into());
        }
    }
    if answer(npm(Path::new(".")).arg("--version")).is_none() {
        return Err(missing("npm".to_owned()).into());
    }
    Ok(())
}

/// `v20.20.2` → 20.
fn major(version: &str) -> Option<u32> {
    version.strip_prefix('v')?.split('.').next()?.parse().ok()
}

/// `npm ci` in `folder`, unless its lock file is the one that was installed last.
pub(crate) fn install(folder: &Path) -> Result<(), Error> {
    node()?;
    let lists = [
        folder.join("package.json"),
        folder.join("package-lock.json"),
    ];
    let inputs = hash(&lists, &[])?;
    let stamp = Stamp::new(folder.join("node_modules").join(".xtask-installed"));
    if stamp.holds(inputs, 0) {
        return Ok(());
    }
    say(format!("Installing npm packages in {}", folder.display()));
    run(npm(folder).args(["ci", "--no-fund", "--no-audit"]))?;
    // A package without dependencies has no such folder, and nothing to install the second time either.
    let modules = folder.join("node_modules");
    fs::create_dir_all(&modules).doing(|| format!("make {}", modules.display()))?;
    stamp.put(inputs, 0)
}

#[cfg(test)]
mod tests {
    use super::major;

    #[test]
    fn the_major_version_is_read() {
        assert_eq!(major("v20.20.2"), Some(20));
        assert_eq!(major("20"), None);
    }
}
