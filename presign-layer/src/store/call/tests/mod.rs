//! The calls against a store that answers what it is told to.

mod answers;
mod attempts;
mod requests;
mod script;
