//! Where things are in this checkout.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Doing, Error};

/// The workspace's root.
pub(crate) fn root() -> &'static Path {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest)
}

/// The folder of the npm package `presign-client`.
pub(crate) fn npm_package() -> PathBuf {
    root().join("presign-client-wasm").join("npm")
}

/// The folder of the browser tests.
pub(crate) fn browser_tests() -> PathBuf {
    root().join("tests").join("browser")
}

/// The folder of the fuzz targets, a workspace of its own.
pub(crate) fn fuzz() -> PathBuf {
    root().join("fuzz")
}

/// What schemathesis is told, and in which versions it is installed.
pub(crate) fn openapi_tests() -> PathBuf {
    root().join("tests").join("openapi")
}

/// Cargo's target folder: the one that this very program was built into.
pub(crate) fn target_dir() -> Result<PathBuf, Error> {
    let profile = programs()?;
    Ok(profile.parent().map_or(profile.clone(), Path::to_path_buf))
}

/// The demo, once built.
pub(crate) fn demo() -> Result<PathBuf, Error> {
    program("presign-demo", Profile::Dev)
}

/// How a program is built.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Profile {
    Dev,
    Release,
}

/// A program of the workspace, once built.
pub(crate) fn program(name: &str, profile: Profile) -> Result<PathBuf, Error> {
    let folder = match profile {
        Profile::Dev => programs()?,
        Profile::Release => target_dir()?.join("release"),
    };
    Ok(folder.join(format!("{name}{}", env::consts::EXE_SUFFIX)))
}

/// Where cargo puts programs of the `dev` profile, this one among them.
fn programs() -> Result<PathBuf, Error> {
    let program = env::current_exe().doing(|| "find this program's own path".to_owned())?;
    Ok(program
        .parent()
        .map_or_else(PathBuf::new, Path::to_path_buf))
}

/// The version of `package` in Cargo.lock, so that a tool that must match it cannot drift from it.
pub(crate) fn locked_version(package: &str) -> Result<String, Error> {
    let path = root().join("Cargo.lock");
    let lock = fs::read_to_string(&path).doing(|| format!("read {}", path.display()))?;
    version_in(&lock, package)
        .ok_or_else(|| Error::Unexpected(format!("Cargo.lock names no version of `{package}`")))
}

fn version_in(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1)?.strip_prefix("version = \"")?;
    Some(version.strip_suffix('"')?.to_owned())
}

#[cfg(test)]
mod tests {
    use super::version_in;

    const LOCK: &str = "[[package]]\nname = \"wasm-bindgen-futures\"\nversion = \"0.4.80\"\n\n\
                        [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\nsource = \"…\"\n";

    #[test]
    fn the_version_is_that_of_the_package_of_exactly_this_name() {
        assert_eq!(version_in(LOCK, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in(LOCK, "wasm"), None);
    }
}
