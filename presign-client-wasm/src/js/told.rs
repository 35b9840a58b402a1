//! What happens, told as values of the package's types.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::sys::float;
use crate::{Event, Outcome, Progress};

#[wasm_bindgen(module = "/js/told.js")]
extern "C" {
    fn all(
        loaded: f64,
        total: f64,
        fraction: f64,
        bytes_per_second: f64,
        seconds_left: f64,
        done: i32,
        failed: i32,
        cancelled: i32,
        files: i32,
    ) -> JsValue;
    fn started(tell: &JsValue, index: i32);
    fn resumed(tell: &JsValue, index: i32, loaded: f64);
    fn restarted(tell: &JsValue, index: i32, error: &JsValue);
    fn retried(tell: &JsValue, index: i32, part: f64, attempt: i32, delay: f64, error: &JsValue);
    fn progressed(
        tell: &JsValue,
        index: i32,
        loaded: f64,
        total: f64,
        fraction: f64,
        bytes_per_second: f64,
        seconds_left: f64,
        progress: &JsValue,
    );
    fn ended(tell: &JsValue, index: i32, progress: &JsValue, object: &JsValue, error: &JsValue);
}

/// Tells `tell`, a function that throws nothing.
pub(super) fn event(tell: &JsValue, event: Event) {
    match event {
        Event::Start { index } => started(tell, count(index)),
        Event::Resume { index, loaded } => resumed(tell, count(index), float(loaded)),
        Event::Restart { index, error } => restarted(tell, count(index), &error.to_js()),
        Event::Retry {
            index,
            part,
            attempt,
            delay,
            error,
        } => retried(
            tell,
            count(index),
            part.map_or(f64::NAN, f64::from),
            attempt.cast_signed(),
            delay.as_secs_f64() * 1000.0,
            &error.to_js(),
        ),
        Event::Progress { file, progress } => progressed(
            tell,
            count(file.index),
            float(file.loaded),
            float(file.total),
            file.fraction,
            file.bytes_per_second,
            file.seconds_left.unwrap_or(f64::NAN),
            &whole(&progress),
        ),
        Event::End { result, progress } => {
            let (object, error) = match result.outcome {
                Outcome::Done { object } => (object.0, JsValue::UNDEFINED),
                Outcome::Failed { error } => (JsValue::UNDEFINED, error.to_js()),
                Outcome::Cancelled => Default::default(),
            };
            ended(
                tell,
                count(result.index),
                &whole(&progress),
                &object,
                &error,
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
        count(progress.files.done),
        count(progress.files.failed),
        count(progress.files.cancelled),
        count(progress.files.total),
    )
}

/// A number that JavaScript takes as it is.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "nobody uploads 2^31 files at once"
)]
fn count(number: usize) -> i32 {
    number as i32
}
