//! What the npm package calls; not for Rust. The values that cross are those of the package's own types, `npm/src/types.ts`.

#[cfg(target_arch = "wasm32")]
mod alone;
mod options;
mod source;
mod task;
mod values;

use alloc::boxed::Box;
use alloc::vec::Vec;

use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

use self::task::Task;

#[wasm_bindgen]
extern "C" {
    /// A function that takes an event, and throws nothing.
    #[derive(Debug)]
    pub type Callback;

    #[wasm_bindgen(method)]
    fn call(this: &Callback, receiver: &JsValue, event: &JsValue);
}

/// Begins to upload `sources`, each `{name, blob, metadata, handle}`. `on_event` is called with each event; a result's `file` is
/// the caller's to add. Answers a function that pauses (0), resumes (1) or cancels (2) the file at an index, or all; the upload goes on for as
/// long as somebody has it.
#[wasm_bindgen]
#[must_use]
pub fn start(sources: Vec<JsValue>, settings: &JsValue, on_event: Callback) -> JsValue {
    let tell = move |event| on_event.call(&JsValue::UNDEFINED, &values::event(event));
    let options = options::of(settings, Box::new(tell));
    let sources = sources.into_iter().map(|source| source::of(&source));
    let upload = crate::upload(sources, options);
    let state = upload.state();
    let task = Task::spawn(upload);
    let control: Closure<dyn FnMut(u32, Option<u32>)> =
        Closure::new(move |action, index: Option<u32>| {
            let _goes_on = &task;
            let index = index.map(|index| index as usize);
            match action {
                0 => state.pause(index),
                1 => state.resume(index),
                _ => state.cancel(index),
            }
        });
    control.into_js_value()
}
