//! The steps that need Rust alone.

use std::process::Command;

use crate::error::Error;
use crate::run::{cargo, run};
use crate::test::counts::Counts;
use crate::test::step::Step;
use crate::test::tee;
use crate::tools::rust::{component, wasm_target};

/// What must compile for the browser or for a server that runs as WebAssembly, with which options.
const ON_WASM: [&[&str]; 4] = [
    &["--package", "presign-layer", "--no-default-features"],
    &["--package", "presign-client-wasm"],
    &[
        "--package",
        "presign-client-wasm",
        "--no-default-features",
        "--features",
        "js",
    ],
    &["--package", "presign-rust-page"],
];

pub(crate) fn steps() -> Vec<Step> {
    vec![
        Step::new("fmt", "the formatting", || {
            component("fmt", "rustfmt")?;
            passes(cargo()?.args(["fmt", "--all", "--check"]))
        }),
        Step::new("clippy", "the lints", || {
            component("clippy", "clippy")?;
            passes(clippy()?.args(["--workspace", "--all-targets", "--", "-D", "warnings"]))
        }),
        Step::new("clippy-wasm", "the lints again, for WebAssembly", || {
            component("clippy", "clippy")?;
            wasm_target()?;
            for options in ON_WASM {
                let target = ["--target", "wasm32-unknown-unknown", "--", "-D", "warnings"];
                run(clippy()?.args(options).args(target))?;
            }
            Ok(Counts::default())
        }),
        Step::new("doc", "the documentation", || {
            passes(cargo()?.env("RUSTDOCFLAGS", "-D warnings").args([
                "doc",
                "--workspace",
                "--no-deps",
                // As docs.rs does: what is off by default is linked to.
                "--all-features",
            ]))
        }),
        Step::new("rust", "unit, integration and documentation tests", || {
            tee::counted(cargo()?.args(["test", "--workspace", "--no-fail-fast"]))
        }),
    ]
}

fn clippy() -> Result<Command, Error> {
    let mut command = cargo()?;
    command.arg("clippy");
    Ok(command)
}

fn passes(command: &mut Command) -> Result<Counts, Error> {
    run(command).map(|()| Counts::default())
}
