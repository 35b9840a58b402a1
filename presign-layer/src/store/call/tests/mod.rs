//! The calls against a store that answers what it is told to.

mod answers;
mod attempts;
mod copies;
mod first_bytes;
#[cfg(feature = "client")]
mod hyper;
mod requests;
mod script;
