//! Why the demo does not start, in words.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::PathBuf;

use presign_layer::{BuildError, PolicyError, StoreError};

use crate::store::{FolderError, MAX_FORM};

/// Why the demo does not start, or ends.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum DemoError {
    /// An address cannot be had.
    #[error("cannot listen on {address}")]
    Listen {
        /// As it was given.
        address: String,
        /// Why.
        source: io::Error,
    },
    /// The npm package is not built.
    #[error(
        "the built npm package is not there: no index.js in {}; build it with `cargo xtask build`, or say where it is with --client DIR",
        looked_in.display()
    )]
    Client {
        /// Where it was looked for.
        looked_in: PathBuf,
    },
    /// The embedded store.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The embedded store knows no host names.
    #[error("--s3-virtual-host is for another store: say which with --s3-endpoint")]
    VirtualHost,
    /// The embedded store has forms in memory.
    #[error(
        "--post-below is at most {} with the embedded store, which has a form in memory while it comes",
        MAX_FORM + 1
    )]
    Form,
    /// The S3 store's configuration.
    #[error("{}", mistaken_store(.0))]
    Store(#[from] StoreError),
    /// The policy's configuration.
    #[error("{}", mistaken(.0))]
    Policy(#[from] BuildError),
    /// Signals cannot be caught.
    #[error("cannot wait for Ctrl-C and SIGTERM")]
    Signals(#[source] io::Error),
    /// Standard output is closed.
    #[error("cannot say where it listens")]
    Output(#[source] io::Error),
    /// A server failed.
    #[error("a server failed")]
    Serve(#[source] io::Error),
}

/// Which options the store's mistake is in.
fn mistaken_store(error: &StoreError) -> &'static str {
    match error {
        StoreError::CopyAtMost { .. } => "--copy-at-most is not right",
        _ => "the S3 store's settings (--s3-… and AWS_…) are not right",
    }
}

/// Which option the policy's mistake is in.
fn mistaken(error: &BuildError) -> &'static str {
    match error {
        BuildError::Policy(PolicyError::Expiry { .. }) => "--expires is not right",
        BuildError::Policy(PolicyError::Sizes { .. }) => "--max-size is not right",
        BuildError::Policy(PolicyError::ContentType { .. }) => "--types is not right",
        BuildError::Policy(PolicyError::PartSize { .. }) => "--part-size is not right",
        BuildError::Policy(PolicyError::ResumableFor { .. }) => "--resumable-for is not right",
        BuildError::Policy(PolicyError::PendingPrefix { .. }) => "--pending-prefix is not right",
        BuildError::PartsPerRequest { .. } => "--parts-per-request is not right",
        BuildError::PostPolicy => "--post-below is not for this store, by --s3-engine",
        BuildError::FullObjectChecksum { .. } => {
            "--checksum asks for more than the store can, by --s3-engine"
        }
        _ => "the settings are not right",
    }
}

/// An error with all its causes on one line.
pub(crate) struct Words<'a>(pub(crate) &'a (dyn Error + 'static));

impl fmt::Display for Words<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            write!(formatter, ": {error}")?;
            cause = error.source();
        }
        Ok(())
    }
}
