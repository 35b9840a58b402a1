use crate::error::Error;
use crate::test::counts::Counts;

/// One named step of the tests.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    /// What it does, in words.
    pub(crate) what: String,
    /// Whether it uses what the build makes.
    pub(crate) needs_build: bool,
    work: Box<dyn FnOnce() -> Result<Counts, Error>>,
}

impl Step {
    pub(crate) fn new(
        name: &'static str,
        what: impl Into<String>,
        work: impl FnOnce() -> Result<Counts, Error> + 'static,
    ) -> Self {
        Self {
            name,
            what: what.into(),
            needs_build: false,
            work: Box::new(work),
        }
    }

    pub(crate) fn after_build(mut self) -> Self {
        self.needs_build = true;
        self
    }

    pub(crate) fn work(self) -> Result<Counts, Error> {
        (self.work)()
    }
}
