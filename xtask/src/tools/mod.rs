//! The tools that the chores need: found, or built into the cache, or reported missing with how to get them.

mod apt;
pub(crate) mod chromium;
pub(crate) mod garage;
mod install;
pub(crate) mod minio;
pub(crate) mod node;
pub(crate) mod rust;
pub(crate) mod schemathesis;
pub(crate) mod wasm;
