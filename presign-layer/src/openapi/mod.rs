//! `GET P/openapi.json`: the endpoints in OpenAPI's words, made from the protocol's types.
//!
//! Source: <https://spec.openapis.org/oas/v3.1.0>

mod operation;
mod operations;
mod schemas;
mod words;

use std::sync::OnceLock;

use bytes::Bytes;
use serde_json::{Map, Value, json};

use operation::Operation;
use schemas::Schemas;

const DESCRIPTION: &str = "Endpoints that grant a browser uploads straight to an S3-compatible store. They decide and sign; the files' bytes go to the \
    store, never through here. Who may ask is the application's word: whatever it takes as a sign-in goes with these requests too.\n\nA request that \
    fails as a whole is answered with a `Problem`; a file or an upload that is refused has an `error` in its place. Times are seconds from the answer.";

/// The document of a mount, made when it is first asked for.
#[derive(Debug, Default)]
pub(crate) struct Document(OnceLock<Bytes>);

/// What of a mount is in its document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct About {
    /// Items that one request may have.
    pub(crate) max_files: usize,
    /// Whether objects are given out too.
    pub(crate) downloads: bool,
}

impl Document {
    pub(crate) fn of(&self, about: About) -> Bytes {
        let text = self.0.get_or_init(|| document(about).to_string().into());
        text.clone()
    }
}

fn document(about: About) -> Value {
    let mut schemas = Schemas::default();
    let mut paths = Map::new();
    for operation in operations::all(about) {
        let Operation { path, method, .. } = operation;
        let entry = paths.entry(path).or_insert_with(|| json!({}));
        entry[method] = operation.into_json(&mut schemas);
    }
    schemas.answer::<presign_protocol::Problem>();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "presign",
            "version": env!("CARGO_PKG_VERSION"),
            "license": { "name": "MIT OR Apache-2.0", "identifier": env!("CARGO_PKG_LICENSE") },
            "description": DESCRIPTION,
        },
        // Relative to where this document is: right wherever the endpoints are mounted, in a nested router too.
        "servers": [{ "url": "." }],
        "paths": paths,
        "components": {
            "schemas": schemas.into_json(about.max_files),
        },
    })
}
