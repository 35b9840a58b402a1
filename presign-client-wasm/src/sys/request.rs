//! The functions of the folder `js`.

use alloc::string::String;
use alloc::vec::Vec;
use core::time::Duration;

use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

use super::Blob;
use super::reply::Reply;
use crate::UploadError;

#[wasm_bindgen(module = "/js/request.js")]
extern "C" {
    #[wasm_bindgen(js_name = askForGrants)]
    fn ask_for_grants(endpoint: &JsValue, files: Vec<JsValue>) -> JsValue;
    #[wasm_bindgen(js_name = askForLimits)]
    fn ask_for_limits(endpoint: &JsValue) -> JsValue;
}

#[wasm_bindgen(module = "/js/put.js")]
extern "C" {
    #[wasm_bindgen(js_name = put)]
    fn put_blob(url: &str, headers: &JsValue, blob: &Blob, on_progress: &JsValue) -> JsValue;
}

#[wasm_bindgen(module = "/js/wait.js")]
extern "C" {
    #[wasm_bindgen(js_name = wait)]
    fn wait_for(milliseconds: f64) -> JsValue;
}

/// One answer for each of `files`, in the same order.
pub(crate) async fn grants(
    endpoint: &JsValue,
    files: Vec<JsValue>,
) -> Result<JsValue, UploadError> {
    Reply::to(&ask_for_grants(endpoint, files)).await
}

pub(crate) async fn limits(endpoint: &JsValue) -> Result<JsValue, UploadError> {
    Reply::to(&ask_for_limits(endpoint)).await
}

/// The stored object's `ETag`, if the page may see it.
pub(crate) async fn put(
    url: &str,
    headers: &JsValue,
    blob: &Blob,
    on_progress: impl FnMut(f64) + 'static,
) -> Result<Option<String>, UploadError> {
    let on_progress: Closure<dyn FnMut(f64)> = Closure::new(on_progress);
    let etag = Reply::to(&put_blob(url, headers, blob, on_progress.as_ref())).await?;
    Ok(etag.as_string())
}

/// Ends after `duration`, or when the browser is online again, whichever is later.
pub(crate) async fn wait(duration: Duration) {
    // It does not fail.
    let _ = Reply::to(&wait_for(duration.as_secs_f64() * 1000.0)).await;
}
