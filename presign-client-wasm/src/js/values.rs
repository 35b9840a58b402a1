//! What happens, as values of the package's types.

use wasm_bindgen::JsValue;

use crate::sys::float;
use crate::sys::value::{object, set};
use crate::{Event, FileProgress, Outcome, Progress, UploadResult};

pub(super) fn event(event: Event) -> JsValue {
    match event {
        Event::Start { index } => object(&[("type", "start".into()), ("index", index.into())]),
        Event::Progress { file, progress } => object(&[
            ("type", "progress".into()),
            ("index", file.index.into()),
            ("file", file_progress(&file)),
            ("progress", whole_progress(&progress)),
        ]),
        Event::Resume { index, loaded } => object(&[
            ("type", "resume".into()),
            ("index", index.into()),
            ("loaded", float(loaded).into()),
        ]),
        Event::Restart { index, error } => object(&[
            ("type", "restart".into()),
            ("index", index.into()),
            ("error", error.to_js()),
        ]),
        Event::Retry {
            index,
            part,
            attempt,
            delay,
            error,
        } => object(&[
            ("type", "retry".into()),
            ("index", index.into()),
            ("part", optional(part)),
            ("attempt", attempt.into()),
            ("delay", (delay.as_secs_f64() * 1000.0).into()),
            ("error", error.to_js()),
        ]),
        Event::End { result, progress } => object(&[
            ("type", "end".into()),
            ("index", result.index.into()),
            ("result", self::result(result)),
            ("progress", whole_progress(&progress)),
        ]),
    }
}

fn result(result: UploadResult) -> JsValue {
    let value = object(&[
        ("index", result.index.into()),
        ("name", result.name.into()),
        ("size", float(result.size).into()),
    ]);
    let status = match result.outcome {
        Outcome::Done { key, etag } => {
            set(&value, "key", &key.into());
            set(&value, "etag", &optional(etag));
            "done"
        }
        Outcome::Failed { error } => {
            set(&value, "error", &error.to_js());
            "failed"
        }
        Outcome::Cancelled => "cancelled",
    };
    set(&value, "status", &status.into());
    value
}

fn file_progress(file: &FileProgress) -> JsValue {
    object(&[
        ("index", file.index.into()),
        ("loaded", float(file.loaded).into()),
        ("total", float(file.total).into()),
        ("fraction", file.fraction.into()),
        ("bytesPerSecond", file.bytes_per_second.into()),
        ("secondsLeft", optional(file.seconds_left)),
    ])
}

fn whole_progress(progress: &Progress) -> JsValue {
    let files = &progress.files;
    let files = object(&[
        ("done", files.done.into()),
        ("failed", files.failed.into()),
        ("cancelled", files.cancelled.into()),
        ("total", files.total.into()),
    ]);
    object(&[
        ("loaded", float(progress.loaded).into()),
        ("total", float(progress.total).into()),
        ("fraction", progress.fraction.into()),
        ("bytesPerSecond", progress.bytes_per_second.into()),
        ("secondsLeft", optional(progress.seconds_left)),
        ("files", files),
    ])
}

fn optional(value: Option<impl Into<JsValue>>) -> JsValue {
    value.map_or(JsValue::UNDEFINED, Into::into)
}
