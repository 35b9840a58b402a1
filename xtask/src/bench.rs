//! `cargo xtask bench`: how fast, side by side with what people would use instead.

use crate::build;
use crate::error::Error;
use crate::test::browser;

/// Measures uploads in Chromium to `MinIO`, and prints a table of times and their ratios.
pub(crate) fn run() -> Result<(), Error> {
    build::everything()?;
    browser::bench()
}
