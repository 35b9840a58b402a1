//! What there is without the feature `metrics`: nothing is measured, and nothing is left of it in what is compiled.

use presign_protocol::{ErrorCode, Grant};

pub(crate) fn describe() {}

pub(super) fn request(_: &'static str, _: &'static str, _: Stopwatch) {}

pub(crate) fn granted(_: &Grant, _: Option<u64>) {}

pub(super) fn completed(_: &'static str) {}

pub(super) fn refused(_: ErrorCode) {}

pub(crate) struct StoreCall;

impl StoreCall {
    pub(crate) fn start(_: &'static str) -> Self {
        Self
    }

    #[expect(clippy::unused_self, reason = "with the feature it is used")]
    pub(crate) fn ended(self, _: &'static str) {}
}

#[derive(Clone, Copy)]
pub(super) struct Stopwatch;

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self
    }
}
