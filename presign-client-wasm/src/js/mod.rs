//! What the npm package calls; not for Rust. The values that cross are those of the package's own types, `npm/src/types.ts`.

#[cfg(target_arch = "wasm32")]
mod alone;
mod task;
mod told;

use alloc::boxed::Box;
use core::time::Duration;

use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

use self::task::Task;
use crate::endpoint::Endpoint;
use crate::sys::value::items;
use crate::sys::whole;
use crate::{Options, Retry, Source};

/// Begins to upload `sources`, each `{name, blob, metadata, handle}`. `on_event` is called with each event; a result's `file` is
/// the caller's to add. Answers a function that pauses (0), resumes (1) or cancels (2) the file at an index, or all; the upload goes on for as
/// long as somebody has it. Times are in milliseconds.
#[expect(
    clippy::too_many_arguments,
    reason = "an object of them would take twice the room"
)]
#[wasm_bindgen]
#[must_use]
pub fn start(
    sources: &JsValue,
    endpoint: JsValue,
    concurrency: usize,
    attempts: u32,
    min_delay: f64,
    max_delay: f64,
    resume: bool,
    only: JsValue,
    on_event: JsValue,
) -> JsValue {
    let options = Options {
        endpoint: Endpoint(endpoint),
        concurrency,
        retry: Retry {
            attempts,
            min_delay: duration(min_delay),
            max_delay: duration(max_delay),
        },
        resume,
        only,
        on_event: Box::new(move |event| told::event(&on_event, event)),
    };
    let upload = crate::upload(items(sources).map(Source), options);
    let state = upload.state();
    let task = Task::spawn(upload);
    // Of the same type as what waits for a reply: each type of its own has glue of its own.
    let control: Closure<dyn FnMut(JsValue, JsValue)> =
        Closure::new(move |action: JsValue, index: JsValue| {
            let _goes_on = &task;
            let [action, index] = [action, index].map(|number| Some(whole(number.as_f64()?)));
            let index = index.and_then(|index| usize::try_from(index).ok());
            match action {
                Some(0) => state.pause(index),
                Some(1) => state.resume(index),
                _ => state.cancel(index),
            }
        });
    control.into_js_value()
}

fn duration(milliseconds: f64) -> Duration {
    Duration::from_millis(whole(milliseconds))
}
