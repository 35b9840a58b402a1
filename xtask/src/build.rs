//! `cargo xtask build`: everything the demo needs.

use std::path::PathBuf;
use std::process::Command;

use crate::error::Error;
use crate::run::{cargo, npm, path_with, run, say};
use crate::stamp::{Stamp, hash};
use crate::tools::{node, rust, wasm};
use crate::workspace::{npm_package, root, target_dir};

/// npm packs nothing from outside of the package's folder, so a build copies them there.
const LICENCES: [&str; 2] = ["LICENSE-APACHE", "LICENSE-MIT"];

/// What a build leaves behind in the npm package's folder, and what it is not made from.
const MADE: [&str; 6] = [
    "node_modules",
    "build",
    "dist",
    "test",
    LICENCES[0],
    LICENCES[1],
];

/// Everything the demo needs: the npm package, then the demo.
pub(crate) fn everything() -> Result<(), Error> {
    package()?;
    say("Building the demo");
    run(cargo()?.args(["build", "--package", "presign-demo"]))
}

/// The npm package `presign-client`, unless the one that is there was made from what is there.
fn package() -> Result<(), Error> {
    node::install(&npm_package())?;
    let stamp = Stamp::new(npm_package().join("node_modules").join(".xtask-built"));
    let made_from = hash(&inputs(), &MADE)?;
    if stamp.holds(made_from, hash(&outputs(), &[])?) {
        say("The npm package is up to date");
        return Ok(());
    }
    rust::wasm_target()?;
    let tools = wasm::folders()?;
    say("Building the npm package presign-client");
    run(npm(&npm_package())
        .args(["run", "build"])
        .env("PATH", path_with(&tools)?)
        .env("CARGO_TARGET_DIR", target_dir()?))?;
    stamp.put(made_from, hash(&outputs(), &[])?)
}

/// The page in Rust that the browser tests load, built into the folder that this gives.
pub(crate) fn rust_page() -> Result<PathBuf, Error> {
    let page = root().join("tests").join("rust-page");
    let built = target_dir()?.join("rust-page");
    rust::wasm_target()?;
    let mut wasm_pack = Command::new("wasm-pack");
    wasm_pack
        .current_dir(&page)
        .args(["--log-level", "warn", "build", "--dev", "--target", "web"])
        .args(["--no-pack", "--no-typescript", "--out-dir"])
        .arg(&built)
        .env("PATH", path_with(&wasm::folders()?)?)
        .env("CARGO_TARGET_DIR", target_dir()?);
    run(&mut wasm_pack)?;
    Ok(built)
}

fn inputs() -> Vec<PathBuf> {
    [
        "Cargo.toml",
        "Cargo.lock",
        "presign-protocol",
        "presign-client-wasm",
    ]
    .iter()
    .chain(&LICENCES)
    .map(|name| root().join(name))
    .collect()
}

fn outputs() -> Vec<PathBuf> {
    ["dist"]
        .iter()
        .chain(&LICENCES)
        .map(|name| npm_package().join(name))
        .collect()
}
