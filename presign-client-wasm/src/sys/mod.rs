//! The little that is needed of the JavaScript around, a page's or a worker's. What speaks to the network is JavaScript itself, in the
//! crate's folder `js`: there the browser's own interfaces take a tenth of the room.

mod hashes;
mod number;
mod reply;
pub(crate) mod request;
pub(crate) mod value;

use wasm_bindgen::prelude::wasm_bindgen;

pub(crate) use hashes::{Hashes, crc, hashes, whole_crc};
pub(crate) use number::{float, high, low, whole};
pub(crate) use reply::Reply;

#[wasm_bindgen]
extern "C" {
    /// Milliseconds since 1970, which go on while the machine sleeps.
    #[wasm_bindgen(js_namespace = Date)]
    pub(crate) fn now() -> f64;

    /// At least 0, less than 1.
    #[wasm_bindgen(js_namespace = Math)]
    pub(crate) fn random() -> f64;
}
