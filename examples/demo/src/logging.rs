//! What the demo logs, on standard error.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::filter::{EnvFilter, FilterExt as _, filter_fn};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer as _, fmt};

/// Starts logging, as much as `RUST_LOG` says.
pub(crate) fn start() {
    let asked = EnvFilter::builder()
        .with_default_directive(tracing::Level::INFO.into())
        .from_env_lossy();
    // s3s logs whole requests, so presigned URLs: whoever reads the log could use them.
    let tells_no_secret = filter_fn(|metadata| !metadata.target().starts_with("s3s"));
    let lines = fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false);
    tracing_subscriber::registry()
        .with(lines.with_filter(asked.and(tells_no_secret)))
        .init();
}
