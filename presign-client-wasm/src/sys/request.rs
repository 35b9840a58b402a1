//! The functions of the folder `js` that take their time. What they give is for [`Reply`](super::Reply) to wait for.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/js/request.js")]
extern "C" {
    /// Presigned URLs of the parts from the one numbered `from` on.
    #[wasm_bindgen(js_name = askForParts)]
    pub(crate) fn parts(endpoint: &JsValue, grant: &JsValue, from: i32) -> JsValue;

    #[wasm_bindgen(js_name = askForLimits)]
    pub(crate) fn limits(endpoint: &JsValue) -> JsValue;
}

#[wasm_bindgen(module = "/js/send.js")]
extern "C" {
    /// A whole file, or one part of it.
    pub(crate) fn piece(source: &JsValue, from: f64, to: f64) -> JsValue;

    /// The piece's sums and what the store says of it, once it has it.
    pub(crate) fn send(
        endpoint: &JsValue,
        hashes: &JsValue,
        piece: &JsValue,
        url: &JsValue,
        grant: &JsValue,
        on_progress: &JsValue,
    ) -> JsValue;
}

#[wasm_bindgen(module = "/js/recall.js")]
extern "C" {
    /// For each source the uploads that it may be.
    pub(crate) fn recall(url: &JsValue, sources: &JsValue, only: &JsValue) -> JsValue;

    /// A grant of the first of `uploads` that can go on, or why none can, or nothing.
    #[wasm_bindgen(js_name = goOn)]
    pub(crate) fn go_on(
        endpoint: &JsValue,
        source: &JsValue,
        uploads: &JsValue,
        hashes: &JsValue,
        on_found: &JsValue,
    ) -> JsValue;
}

#[wasm_bindgen(module = "/js/pending.js")]
extern "C" {
    /// What can be resumed.
    pub(crate) fn resumable(url: &JsValue) -> JsValue;
}

#[wasm_bindgen(module = "/js/course.js")]
extern "C" {
    /// One grant, or `{error}`, for each of `sources`, in the same order.
    #[wasm_bindgen(js_name = begin)]
    pub(crate) fn grants(endpoint: &JsValue, sources: &JsValue, resume: bool) -> JsValue;

    /// Gives a pending upload up at the store, and then forgets it.
    pub(crate) fn discard(endpoint: &JsValue, upload: &JsValue) -> JsValue;

    /// Gives the upload up at the store, and then forgets it.
    #[wasm_bindgen(js_name = letGo)]
    pub(crate) fn let_go(endpoint: &JsValue, grant: &JsValue);

    /// There is nothing to go on with.
    pub(crate) fn forget(grant: &JsValue);

    /// This tab does nothing for it any more.
    pub(crate) fn leave(grant: &JsValue);

    /// The store has a part.
    #[wasm_bindgen(js_name = partSent)]
    pub(crate) fn part_sent(grant: &JsValue, number: i32, sums: &JsValue);
}

#[wasm_bindgen(module = "/js/gather.js")]
extern "C" {
    /// The object that the upload becomes. It waits for others, so that one request asks for many.
    pub(crate) fn complete(endpoint: &JsValue, grant: &JsValue, high: i32, low: i32) -> JsValue;

    /// There are no others to wait for.
    pub(crate) fn flush(endpoint: &JsValue);
}

#[wasm_bindgen(module = "/js/wait.js")]
extern "C" {
    /// Ends after so many milliseconds, or when the browser is online again, whichever is later.
    pub(crate) fn wait(milliseconds: f64) -> JsValue;
}

#[wasm_bindgen(module = "/js/store.js")]
extern "C" {
    /// Not for use: to name a file is what brings it into an application's own build, and another file of the folder imports this one.
    type Store;
}
