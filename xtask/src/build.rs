//! `cargo xtask build`: everything the demo needs.

use std::path::PathBuf;

use crate::error::Error;
use crate::run::{cargo, npm, path_with, run, say};
use crate::stamp::{Stamp, hash};
use crate::tools::{node, rust, wasm};
use crate::workspace::{npm_package, root, target_dir};

/// What a build leaves behind in the npm package's folder, and what it is not made from.
const MADE: [&str; 4] = ["node_modules", "build", "dist", "test"];

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

fn inputs() -> Vec<PathBuf> {
    [
        "Cargo.toml",
        "Cargo.lock",
        "presign-protocol",
        "presign-client-wasm",
    ]
    .iter()
    .map(|name| root().join(name))
    .collect()
}

fn outputs() -> Vec<PathBuf> {
    vec![npm_package().join("dist")]
}
