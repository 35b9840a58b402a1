//! `presign-load`: a thousand clients at once against the demo, and fifty that stall.
//!
//! From the outside in: [`trial`] is what happens, [`verdict`] what is said of it; [`demo`] is what is asked, [`client`] who asks it over
//! [`http`], [`stall`] who does not go on; [`tally`] counts, with [`histogram`] and [`fault`]; [`memory`] and [`files`] are the system's.

mod chance;
mod client;
mod demo;
mod fault;
mod files;
mod histogram;
mod http;
mod memory;
mod stall;
mod tally;
mod trial;
mod verdict;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use demo::{Demo, DemoError};
use files::TooFew;
use verdict::Verdict;

/// It cannot run here: what it needs can only be had from outside.
const NOT_HERE: u8 = 3;

/// A thousand clients at once against the demo. `cargo xtask load` builds both and runs it.
#[derive(Debug, Parser)]
#[command(name = "presign-load")]
struct Args {
    /// The demo's program
    #[arg(long, value_name = "FILE")]
    demo: PathBuf,

    /// Folder for the demo's files. What is there is removed, before and after
    #[arg(long, value_name = "DIR")]
    data: PathBuf,

    /// How long, after some seconds in which the demo settles
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    seconds: u32,
}

#[derive(Debug, thiserror::Error)]
enum Error {
    #[error(transparent)]
    Files(#[from] TooFew),
    #[error(transparent)]
    Demo(#[from] DemoError),
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Args::parse()).await {
        Ok(failures) if failures.is_empty() => ExitCode::SUCCESS,
        Ok(failures) => {
            for failure in failures {
                println!("FAILED: {failure}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("presign-load: {error}");
            match error {
                Error::Files(_) => ExitCode::from(NOT_HERE),
                Error::Demo(_) => ExitCode::FAILURE,
            }
        }
    }
}

/// Runs it and answers what was not as it must be.
async fn run(args: &Args) -> Result<Vec<String>, Error> {
    files::allow()?;
    let mut demo = Demo::start(&args.demo, &args.data)?;
    let trial = trial::run(&mut demo, args.seconds).await;
    drop(demo);
    let verdict = Verdict::new(&trial, args.seconds);
    println!("{verdict}");
    Ok(verdict.failures())
}
