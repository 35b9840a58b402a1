//! The client's Rust API as an application in Rust uses it, so that the browser tests can hold it to what it says.

use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

use presign_client_wasm::{Controls, Event, Options, Outcome, Source, UploadError, limits, upload};
use wasm_bindgen::prelude::wasm_bindgen;

/// Uploads the files of an input: how each ended, in words, then the kinds of the events.
#[wasm_bindgen]
pub async fn send(files: web_sys::FileList, header: String) -> Vec<String> {
    let events = Rc::new(RefCell::new(Vec::new()));
    let told = Rc::clone(&events);
    let options = Options::new()
        .header("x-test", &header)
        .on_event(move |event| told.borrow_mut().push(kind(&event)));
    let results = upload(Source::all_of(&files), options).await;
    let words = results
        .into_iter()
        .map(|result| format!("{}: {}", result.name(), outcome(&result.outcome)));
    words.chain(events.take()).collect()
}

/// Uploads the files and says what the server found of each: its key, content type, `ETag` and receipt, in lines.
#[wasm_bindgen]
pub async fn found(files: web_sys::FileList) -> Vec<String> {
    let results = upload(Source::all_of(&files), Options::new()).await;
    let found = results.into_iter().map(|result| match result.outcome {
        Outcome::Done { object } => [
            Some(object.key()),
            object.content_type(),
            object.etag(),
            object.receipt(),
        ]
        .map(Option::unwrap_or_default)
        .join("\n"),
        other => outcome(&other),
    });
    found.collect()
}

/// Cancels the second of the files as soon as the first begins.
#[wasm_bindgen]
pub async fn cancel_second(files: web_sys::FileList) -> Vec<String> {
    let controls = Rc::new(OnceCell::<Controls>::new());
    let known = Rc::clone(&controls);
    let options = Options::new().concurrency(1).on_event(move |event| {
        if let (Event::Start { index: 0 }, Some(controls)) = (event, known.get()) {
            controls.cancel_file(1);
        }
    });
    let upload = upload(Source::all_of(&files), options);
    controls.get_or_init(|| upload.controls());
    let results = upload.await;
    results
        .iter()
        .map(|result| outcome(&result.outcome))
        .collect()
}

/// Pauses all files but the third when the first has ended, until the third has too: the files in the order in which they ended.
#[wasm_bindgen]
pub async fn pause_second(files: web_sys::FileList) -> Vec<usize> {
    let controls = Rc::new(OnceCell::<Controls>::new());
    let ended = Rc::new(RefCell::new(Vec::new()));
    let (known, order) = (Rc::clone(&controls), Rc::clone(&ended));
    let options = Options::new().concurrency(1).on_event(move |event| {
        let (Event::End { result, .. }, Some(controls)) = (event, known.get()) else {
            return;
        };
        order.borrow_mut().push(result.index);
        if result.index == 0 {
            controls.pause();
            controls.resume_file(2);
        } else {
            controls.resume();
        }
    });
    let upload = upload(Source::all_of(&files), options);
    controls.get_or_init(|| upload.controls());
    upload.await;
    ended.take()
}

/// The most bytes that a file may have, or why that is not known.
#[wasm_bindgen]
pub async fn max_size(endpoint: String) -> String {
    match limits(&Options::new().endpoint(&endpoint)).await {
        Ok(limits) => limits.max_size.to_string(),
        Err(error) => words(&error),
    }
}

fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Done { object, .. } => format!("done {}", object.key()),
        Outcome::Failed { error } => format!("failed {}", words(error)),
        Outcome::Cancelled => "cancelled".to_owned(),
        _ => "unknown".to_owned(),
    }
}

fn words(error: &UploadError) -> String {
    format!("{} {:?}: {error}", error.code(), error.status())
}

fn kind(event: &Event) -> String {
    match event {
        Event::Start { index } => format!("start {index}"),
        Event::Progress { file, .. } => format!("progress {}", file.index),
        Event::Resume { index, .. } => format!("resume {index}"),
        Event::Restart { index, .. } => format!("restart {index}"),
        Event::Retry { index, .. } => format!("retry {index}"),
        Event::End { result, .. } => format!("end {}", result.index),
        _ => "unknown".to_owned(),
    }
}
