//! What happens, told as values of the package's types.

use alloc::string::String;

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::sys::float;
use crate::{Event, Outcome, Progress, UploadError};

#[wasm_bindgen(module = "/js/told.js")]
extern "C" {
    fn all(
        loaded: f64,
        total: f64,
        fraction: f64,
        bytes_per_second: f64,
        seconds_left: f64,
        done: usize,
        failed: usize,
        cancelled: usize,
        files: usize,
    ) -> JsValue;
    fn started(tell: &JsValue, index: usize);
    fn resumed(tell: &JsValue, index: usize, loaded: f64);
    fn restarted(tell: &JsValue, index: usize, error: &JsValue);
    fn retried(tell: &JsValue, index: usize, part: f64, attempt: u32, delay: f64, error: &JsValue);
    fn progressed(
        tell: &JsValue,
        index: usize,
        loaded: f64,
        total: f64,
        fraction: f64,
        bytes_per_second: f64,
        seconds_left: f64,
        progress: &JsValue,
    );
    fn ended(
        tell: &JsValue,
        index: usize,
        name: &str,
        size: f64,
        progress: &JsValue,
        key: Option<String>,
        etag: Option<String>,
        error: &JsValue,
    );
}

/// Tells `tell`, a function that throws nothing.
pub(super) fn event(tell: &JsValue, event: Event) {
    match event {
        Event::Start { index } => started(tell, index),
        Event::Resume { index, loaded } => resumed(tell, index, float(loaded)),
        Event::Restart { index, error } => restarted(tell, index, &error.to_js()),
        Event::Retry {
            index,
            part,
            attempt,
            delay,
            error,
        } => retried(
            tell,
            index,
            part.map_or(f64::NAN, f64::from),
            attempt,
            delay.as_secs_f64() * 1000.0,
            &error.to_js(),
        ),
        Event::Progress { file, progress } => progressed(
            tell,
            file.index,
            float(file.loaded),
            float(file.total),
            file.fraction,
            file.bytes_per_second,
            file.seconds_left.unwrap_or(f64::NAN),
            &whole(&progress),
        ),
        Event::End { result, progress } => {
            let (key, etag, error) = match result.outcome {
                Outcome::Done { key, etag } => (Some(key), etag, None),
                Outcome::Failed { error } => (None, None, Some(error)),
                Outcome::Cancelled => (None, None, None),
            };
            ended(
                tell,
                result.index,
                &result.name,
                float(result.size),
                &whole(&progress),
                key,
                etag,
                &error
                    .as_ref()
                    .map_or(JsValue::UNDEFINED, UploadError::to_js),
            );
        }
    }
}

fn whole(progress: &Progress) -> JsValue {
    all(
        float(progress.loaded),
        float(progress.total),
        progress.fraction,
        progress.bytes_per_second,
        progress.seconds_left.unwrap_or(f64::NAN),
        progress.files.done,
        progress.files.failed,
        progress.files.cancelled,
        progress.files.total,
    )
}
