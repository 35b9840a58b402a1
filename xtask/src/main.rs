//! Every chore of the project under one name: `cargo xtask build | demo | test | fuzz | load | bench`.

mod bench;
mod build;
mod cache;
mod demo;
mod error;
mod fuzz;
mod load;
mod run;
mod stamp;
mod test;
mod tools;
mod workspace;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::error::Error;

/// Every chore of the project. Each does its own set-up, says what it does, and is quick the second time.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    chore: Chore,
}

#[derive(Debug, Subcommand)]
enum Chore {
    /// Build everything the demo needs: the wasm tools, the npm package, the demo itself.
    Build,
    /// Build and run the demo. Everything after `demo` is passed on to it: `cargo xtask demo --help`.
    #[command(disable_help_flag = true)]
    Demo {
        /// Arguments for the demo.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
    /// Run all the tests and list what ran, what it counted and what could not run here.
    Test(test::Arguments),
    /// Send strange bytes to whatever reads a stranger's, for a while.
    Fuzz(fuzz::Arguments),
    /// Have a thousand clients ask the demo at once, and others stall.
    Load(load::Arguments),
    /// Measure uploads side by side with what people would use instead, in Chromium to `MinIO`.
    Bench,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().chore {
        Chore::Build => build::everything().map(|()| ExitCode::SUCCESS),
        Chore::Demo { arguments } => build::everything().and_then(|()| demo::run(&arguments)),
        Chore::Test(arguments) => test::run(&arguments),
        Chore::Fuzz(arguments) => fuzz::run(&arguments),
        Chore::Load(arguments) => load::run(&arguments).map(|()| ExitCode::SUCCESS),
        Chore::Bench => bench::run().map(|()| ExitCode::SUCCESS),
    };
    done.unwrap_or_else(|error: Error| {
        eprintln!("cargo xtask: {error}");
        ExitCode::FAILURE
    })
}
