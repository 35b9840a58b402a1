use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::cache;
use crate::error::{Error, Missing};
use crate::run::{answer, on_path, run, say};

const MODULE: &str = "github.com/minio/minio";
/// `MinIO` tags no Go module versions; this is its newest commit as Go writes it.
const VERSION: &str = "v0.0.0-20260212201848-7aac2a2c5b7c";

/// The program `minio`: `MINIO_BIN`, PATH, the cache, or built with Go into the cache.
pub(crate) fn program() -> Result<PathBuf, Error> {
    if let Some(given) = env::var_os("MINIO_BIN").filter(|path| !path.is_empty()) {
        return Ok(given.into());
    }
    if let Some(found) = on_path("minio") {
        return Ok(found);
    }
    let name = format!("minio-{VERSION}");
    if !cache::has(&name)? && answer(Command::new("go").arg("version")).is_none() {
        return Err(Missing::new(
            "MinIO",
            "the browser tests run against it as a real S3 store",
            "put `minio` on PATH or set MINIO_BIN, or install Go (https://go.dev/dl), with which it is built",
        )
        .into());
    }
    let folder = cache::folder(&name, |draft| {
        say(format!(
            "Building MinIO {VERSION} with Go (about 3 minutes; Go's own caches grow by 2 GB, `go clean -cache -modcache` frees them)"
        ));
        run(Command::new("go")
            .current_dir(draft)
            .env("GOBIN", draft)
            .args(["install", &format!("{MODULE}@{VERSION}")]))
    })?;
    Ok(folder.join(format!("minio{}", env::consts::EXE_SUFFIX)))
}
