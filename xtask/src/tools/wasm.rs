use std::path::PathBuf;
use std::process::Command;

use crate::cache;
use crate::error::Error;
use crate::run::{cargo, run, say};
use crate::workspace::locked_version;

const WASM_PACK: &str = "0.15.1";

/// The folders with `wasm-bindgen` and `wasm-pack`. With both on PATH wasm-pack downloads nothing.
pub(crate) fn folders() -> Result<Vec<PathBuf>, Error> {
    Ok(vec![wasm_bindgen()?, wasm_pack()?])
}

/// The tool must be of the very version of the crate, so the version comes from Cargo.lock.
fn wasm_bindgen() -> Result<PathBuf, Error> {
    let version = locked_version("wasm-bindgen")?;
    // Not `--locked`: the lock file that this version was published with names a crate that was withdrawn.
    install(
        "wasm-bindgen",
        "wasm-bindgen-cli",
        &version,
        &["--no-default-features"],
    )
}

fn wasm_pack() -> Result<PathBuf, Error> {
    install("wasm-pack", "wasm-pack", WASM_PACK, &["--locked"])
}

/// `cargo install` into the cache. A debug build is fast enough for a tool of this size and is built in half the time.
fn install(name: &str, package: &str, version: &str, options: &[&str]) -> Result<PathBuf, Error> {
    let folder = cache::folder(&format!("{name}-{version}"), |draft| {
        say(format!(
            "Building {name} {version} (about a minute; kept in {})",
            draft.parent().unwrap_or(draft).display()
        ));
        let mut command: Command = cargo()?;
        command
            .current_dir(draft)
            // Into a temporary folder of cargo's own, not among the workspace's.
            .env_remove("CARGO_TARGET_DIR")
            .env("CARGO_PROFILE_DEV_DEBUG", "0")
            .args(["install", "--debug", package, "--version", version])
            .args(options)
            .arg("--root")
            .arg(draft);
        run(&mut command)
    })?;
    Ok(folder.join("bin"))
}
