//! The tools that the chores need: found, or built into the cache, or reported missing with how to get them.

pub(crate) mod chromium;
pub(crate) mod garage;
mod install;
pub(crate) mod minio;
pub(crate) mod node;
pub(crate) mod rust;
pub(crate) mod wasm;
