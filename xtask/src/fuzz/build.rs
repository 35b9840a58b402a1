//! Building the fuzz targets. Their layout is cargo-fuzz's, but nothing of it is needed: what it asks of the compiler are these options.

use std::process::Command;

use crate::error::{Error, Missing};
use crate::run::{answer, cargo, on_path, run, say};
use crate::workspace;

/// Counts which edges of the program were taken, and tells libFuzzer what was compared.
///
/// Source: <https://llvm.org/docs/LibFuzzer.html#fuzzer-usage>, <https://clang.llvm.org/docs/SanitizerCoverage.html>
const INSTRUMENTED: [&str; 7] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
    "-Ccodegen-units=1",
];

/// Builds every target. No sanitizer: there is no `unsafe` here for it to find fault with, and it would need another Rust.
pub(super) fn all() -> Result<(), Error> {
    let compilers = ["c++", "g++", "clang++"];
    if std::env::var_os("CXX").is_none() && !compilers.iter().any(|name| on_path(name).is_some()) {
        return Err(Missing::new(
            "a C++ compiler",
            "libFuzzer, which the fuzz targets are run by, is C++",
            "install g++ or clang with the system's package manager, or set CXX",
        )
        .into());
    }
    say("Building the fuzz targets");
    let mut build = cargo()?;
    build
        .arg("build")
        .arg("--manifest-path")
        .arg(workspace::fuzz().join("Cargo.toml"));
    instrumented(&mut build)?;
    run(&mut build)
}

/// With a target, which leaves the build scripts without instrumentation.
pub(super) fn instrumented(command: &mut Command) -> Result<(), Error> {
    command
        .env("CARGO_ENCODED_RUSTFLAGS", INSTRUMENTED.join("\x1f"))
        .arg("--locked")
        .args(["--target", &host()?]);
    Ok(())
}

/// The target that this machine is.
pub(super) fn host() -> Result<String, Error> {
    let mut rustc = Command::new("rustc");
    answer(rustc.arg("-vV"))
        .and_then(|said| {
            let line = said.lines().find_map(|line| line.strip_prefix("host: "));
            line.map(str::to_owned)
        })
        .ok_or_else(|| {
            Error::Unexpected("`rustc -vV` does not say which machine this is".to_owned())
        })
}
