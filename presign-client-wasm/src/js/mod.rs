//! What the npm package calls; not for Rust. The values that cross are those of the package's own types, `npm/src/types.ts`.

#[cfg(target_arch = "wasm32")]
mod alone;
mod task;
mod told;

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::time::Duration;

use wasm_bindgen::JsValue;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;

use self::task::Task;
use crate::endpoint::Endpoint;
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
    sources: Vec<JsValue>,
    endpoint: JsValue,
    concurrency: usize,
    attempts: u32,
    min_delay: f64,
    max_delay: f64,
    stall_timeout: f64,
    resume: bool,
    only: Option<f64>,
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
        stall_timeout: duration(stall_timeout),
        resume,
        only,
        on_event: Box::new(move |event| told::event(&on_event, event)),
    };
    let upload = crate::upload(sources.into_iter().map(Source), options);
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

fn duration(milliseconds: f64) -> Duration {
    Duration::from_millis(whole(milliseconds))
}
