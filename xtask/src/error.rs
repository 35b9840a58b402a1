use std::io;
use std::process::ExitStatus;

/// Why a chore could not be done.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// Something has to be installed by hand first.
    #[error(transparent)]
    Missing(#[from] Missing),
    /// A program said no; what it had to say is already on the terminal.
    #[error("`{command}` failed ({status})")]
    Failed { command: String, status: ExitStatus },
    /// A program could not be started at all.
    #[error("`{command}` could not be started: {source}")]
    NotStarted { command: String, source: io::Error },
    /// A file could not be read or written.
    #[error("cannot {doing}: {source}")]
    File { doing: String, source: io::Error },
    /// A file does not hold what is expected.
    #[error("{0}")]
    Unexpected(String),
}

/// A tool that this machine does not have.
#[derive(Debug, thiserror::Error)]
#[error("{what} is missing: {why}. To get it: {how}")]
pub(crate) struct Missing {
    /// Its name.
    pub(crate) what: String,
    /// What it is needed for.
    pub(crate) why: String,
    /// What to do.
    pub(crate) how: String,
}

impl Missing {
    pub(crate) fn new(
        what: impl Into<String>,
        why: impl Into<String>,
        how: impl Into<String>,
    ) -> Self {
        Self {
            what: what.into(),
            why: why.into(),
            how: how.into(),
        }
    }
}

/// Says what was being done with a file when it failed.
pub(crate) trait Doing<T> {
    fn doing(self, doing: impl FnOnce() -> String) -> Result<T, Error>;
}

impl<T> Doing<T> for io::Result<T> {
    fn doing(self, doing: impl FnOnce() -> String) -> Result<T, Error> {
        self.map_err(|source| Error::File {
            doing: doing(),
            source,
        })
    }
}
