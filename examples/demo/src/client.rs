//! The built npm package, which the page imports.

use std::env;
use std::path::{Path, PathBuf};

use crate::error::DemoError;

const BUILT: &str = "presign-client-wasm/npm/dist";

/// The folder of the built package: the one that was named, or the checkout's, from anywhere inside the checkout.
pub(crate) fn find(named: Option<&Path>) -> Result<PathBuf, DemoError> {
    let missing = |looked_in: &Path| DemoError::Client {
        looked_in: looked_in.to_owned(),
    };
    if let Some(folder) = named {
        return if is_built(folder) {
            Ok(folder.to_owned())
        } else {
            Err(missing(folder))
        };
    }
    let here = env::current_dir().unwrap_or_default();
    here.ancestors()
        .map(|folder| folder.join(BUILT))
        .find(|folder| is_built(folder))
        .ok_or_else(|| missing(&here.join(BUILT)))
}

fn is_built(folder: &Path) -> bool {
    folder.join("index.js").is_file()
}
