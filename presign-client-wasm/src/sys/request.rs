//! The functions of the folder `js` that take their time. What they give is for [`Reply`](super::Reply) to wait for.

use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Blob;

#[wasm_bindgen(module = "/js/request.js")]
extern "C" {
    /// One answer for each of `files`, in the same order.
    #[wasm_bindgen(js_name = askForGrants)]
    pub(crate) fn grants(endpoint: &JsValue, files: Vec<JsValue>) -> JsValue;

    /// Presigned URLs of the parts from the one numbered `from` on.
    #[wasm_bindgen(js_name = askForParts)]
    pub(crate) fn parts(endpoint: &JsValue, token: &str, from: u32) -> JsValue;

    #[wasm_bindgen(js_name = askForLimits)]
    pub(crate) fn limits(endpoint: &JsValue) -> JsValue;
}

#[wasm_bindgen(module = "/js/send.js")]
extern "C" {
    /// What all requests of an upload to the store share.
    pub(crate) fn line(connections: usize, patience: f64, hashes: &JsValue) -> JsValue;

    /// A whole file, or one part of it.
    pub(crate) fn piece(blob: &Blob, from: f64, to: f64, checksums: &JsValue) -> JsValue;

    /// The piece's `ETag` and sums, once the store has it.
    pub(crate) fn send(
        line: &JsValue,
        piece: &JsValue,
        url: &JsValue,
        headers: &JsValue,
        on_progress: &JsValue,
    ) -> JsValue;
}

#[wasm_bindgen(module = "/js/recall.js")]
extern "C" {
    /// For each source the uploads that it may be.
    pub(crate) fn recall(url: &JsValue, sources: Vec<JsValue>, only: Option<f64>) -> JsValue;

    /// A grant of the first of `uploads` that can go on, or why none can, or nothing.
    #[wasm_bindgen(js_name = goOn)]
    pub(crate) fn go_on(
        endpoint: &JsValue,
        source: &JsValue,
        uploads: &JsValue,
        hashes: &JsValue,
        on_found: &JsValue,
    ) -> JsValue;

    /// The grant with what it is remembered by.
    pub(crate) fn keep(endpoint: &JsValue, source: &JsValue, grant: &JsValue) -> JsValue;
}

#[wasm_bindgen(module = "/js/course.js")]
extern "C" {
    /// Gives the upload up at the store, and then forgets it.
    #[wasm_bindgen(js_name = letGo)]
    pub(crate) fn let_go(endpoint: &JsValue, grant: &JsValue);

    /// There is nothing to go on with.
    pub(crate) fn forget(grant: &JsValue);

    /// This tab does nothing for it any more.
    pub(crate) fn leave(grant: &JsValue);

    /// The object that the upload becomes.
    pub(crate) fn complete(endpoint: &JsValue, token: &str, checksum: Option<String>) -> JsValue;

    /// The store has a part.
    #[wasm_bindgen(js_name = partSent)]
    pub(crate) fn part_sent(grant: &JsValue, number: u32, sums: &JsValue);
}

#[wasm_bindgen(module = "/js/wait.js")]
extern "C" {
    /// Ends after so many milliseconds, or when the browser is online again, whichever is later.
    pub(crate) fn wait(milliseconds: f64) -> JsValue;
}

/// Not called from here: to name a file is what brings it into an application's own build, where others of the folder import it.
macro_rules! brought {
    ($($file:literal)*) => {
        $(const _: () = {
            #[wasm_bindgen(module = $file)]
            extern "C" {
                #[allow(dead_code)]
                type Unused;
            }
        };)*
    };
}
brought!("/js/put.js" "/js/pending.js" "/js/digest.js");
