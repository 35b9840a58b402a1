//! What must not happen.

use std::error::Error;
use std::fmt;

/// Something went wrong with one request. It says nothing that is different each time, so that many of a kind can be counted, and
/// nothing that is secret.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fault(pub(crate) String);

impl Fault {
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }

    /// An error with all its causes.
    pub(crate) fn because(what: &str, error: &(dyn Error + 'static)) -> Self {
        let mut text = format!("{what}: {error}");
        let mut cause = error.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        Self(text)
    }

    /// What was asked.
    pub(crate) fn of(self, asked: impl fmt::Display) -> Self {
        Self(format!("{asked}: {}", self.0))
    }
}

/// Expects `true`.
pub(crate) fn expect(holds: bool, otherwise: &str) -> Result<(), Fault> {
    if holds {
        Ok(())
    } else {
        Err(Fault::new(otherwise))
    }
}
