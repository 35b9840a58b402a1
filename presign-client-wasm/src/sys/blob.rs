use alloc::string::String;

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// Bytes that the browser holds. The crate's own, because the WebAssembly that pages load has no room for web-sys.
    #[derive(Clone, Debug)]
    pub(crate) type Blob;

    #[wasm_bindgen(method, getter)]
    pub(crate) fn size(this: &Blob) -> f64;

    /// The content type.
    #[wasm_bindgen(method, getter, js_name = type)]
    pub(crate) fn content_type(this: &Blob) -> String;
}
