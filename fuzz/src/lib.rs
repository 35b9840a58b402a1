//! What is fuzzed, and what must hold whatever comes in.
//!
//! A target is a function in [`targets`] that takes bytes and panics where something does not hold; `fuzz_targets/` has a program for each. They reach
//! presign-layer by its public surface alone, with whole requests and a store that says what the target wants it to.
//!
//! From the inside out: [`env`](mod@env) is the clock, the keys and the mounts, [`store`] and [`bucket`] the store, [`ask`] a request and its answer, [`judge`] what every answer must
//! keep to, [`grants`] and [`forms`] what every grant must, [`receipts`] what every receipt must, [`tokens`] real tokens, and [`sealed`] how both are sealed, without the
//! layer's own code.

#![forbid(unsafe_code)]

mod ask;
mod bucket;
mod env;
mod forms;
mod grants;
mod judge;
mod receipts;
mod sealed;
mod store;
pub mod targets;
mod tokens;

/// Signatures as the layer's own tests check them, sharing no code with what signs.
#[allow(
    dead_code,
    unused_imports,
    reason = "it is the tests', and has more than is used here"
)]
#[path = "../../presign-layer/tests/it/sigv4.rs"]
mod sigv4;

/// What [`sigv4`] takes from the tests that it is one of.
mod support {
    pub(crate) use crate::env::SECRET;
}
