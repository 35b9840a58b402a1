use std::fs;
use std::process::Command;

use crate::error::{Error, Missing};
use crate::run::{answer, cargo, run, say};

const TARGET: &str = "wasm32-unknown-unknown";

/// Sees to it that Rust can compile for the browser.
pub(crate) fn wasm_target() -> Result<(), Error> {
    if has_wasm_target() {
        return Ok(());
    }
    say(format!("Adding Rust's target {TARGET}"));
    let mut rustup = Command::new("rustup");
    if answer(rustup.arg("--version")).is_none() {
        return Err(Missing::new(
            format!("Rust's target {TARGET}"),
            "the client is compiled to WebAssembly, and there is no rustup to add the target with",
            "install Rust with rustup (https://rustup.rs), or this target with the system's package manager",
        )
        .into());
    }
    run(Command::new("rustup").args(["target", "add", TARGET]))
}

fn has_wasm_target() -> bool {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "target-libdir", "--target", TARGET]);
    answer(&mut rustc)
        .and_then(|folder| fs::read_dir(folder).ok())
        .is_some_and(|mut files| files.next().is_some())
}

/// A part of Rust that rustup may have left out: `fmt` or `clippy`.
pub(crate) fn component(subcommand: &str, name: &str) -> Result<(), Error> {
    if answer(cargo()?.args([subcommand, "--version"])).is_some() {
        return Ok(());
    }
    Err(Missing::new(
        name,
        format!("`cargo {subcommand}` is one of the checks"),
        format!("rustup component add {name}"),
    )
    .into())
}
