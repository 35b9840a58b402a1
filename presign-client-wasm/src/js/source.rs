use wasm_bindgen::{JsCast, JsValue};

use crate::Source;
use crate::sys::value::{get, get_string};

/// Of `{name, blob, metadata, handle}`; the package has checked that they are there.
pub(super) fn of(value: &JsValue) -> Source {
    Source {
        name: get_string(value, "name").unwrap_or_default(),
        blob: get(value, "blob").unchecked_into(),
        metadata: get(value, "metadata"),
        handle: get(value, "handle"),
    }
}
