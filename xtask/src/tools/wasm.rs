use std::path::PathBuf;

use crate::error::Error;
use crate::tools::install::Program;
use crate::workspace::locked_version;

const WASM_PACK: &str = "0.15.1";

/// How long either takes to build.
const TAKES: &str = "about a minute";

/// The folders with `wasm-bindgen` and `wasm-pack`. With both on PATH wasm-pack downloads nothing.
pub(crate) fn folders() -> Result<Vec<PathBuf>, Error> {
    Ok(vec![wasm_bindgen()?, wasm_pack()?])
}

/// The tool must be of the very version of the crate, so the version comes from Cargo.lock.
fn wasm_bindgen() -> Result<PathBuf, Error> {
    Program {
        name: "wasm-bindgen",
        package: "wasm-bindgen-cli",
        version: &locked_version("wasm-bindgen")?,
        // Not `--locked`: the lock file that this version was published with names a crate that was withdrawn.
        options: &["--no-default-features"],
        takes: TAKES,
    }
    .folder()
}

fn wasm_pack() -> Result<PathBuf, Error> {
    Program {
        name: "wasm-pack",
        package: "wasm-pack",
        version: WASM_PACK,
        options: &["--locked"],
        takes: TAKES,
    }
    .folder()
}
