//! Uploads files from the browser straight to S3-compatible storage, through the endpoints that `presign-layer` mounts.
//!
//! File bytes never pass through the application, credentials never reach the browser, and the page is told of every file whether it
//! arrived, and if not, exactly why.
//!
//! This crate is two things: the inside of the npm package `presign-client` (feature `js`), and the same engine for applications in Rust
//! (Leptos, Yew, Dioxus) that are compiled to `wasm32-unknown-unknown`.
//!
//! # Example
//!
//! ```no_run
//! use presign_client_wasm::{Event, Options, Outcome, Source, upload};
//!
//! # fn show(_: f64) {}
//! # fn say(_: String) {}
//! /// What a page does when its `<input type="file" multiple>` has changed.
//! async fn send(input: web_sys::HtmlInputElement) {
//!     let Some(files) = input.files() else { return };
//!     let options = Options::new().on_event(|event| {
//!         if let Event::Progress { progress, .. } = event {
//!             show(progress.fraction);
//!         }
//!     });
//!     for result in upload(Source::all_of(&files), options).await {
//!         say(match &result.outcome {
//!             Outcome::Done { object, .. } => format!("{} is stored as {}", result.name(), object.key()),
//!             Outcome::Failed { error } => format!("{}: {error}", result.name()),
//!             _ => format!("{} was cancelled", result.name()),
//!         });
//!     }
//! }
//! ```
//!
//! # What it does
//!
//! - One request asks for up to 100 files' grants; up to six files, or parts of files, are sent at the same time, with progress.
//! - What the server grants in parts is sent in parts: one that fails is sent again alone, and the URLs of the next hundred are asked for before
//!   they are needed.
//! - Where the server asks for it, every request carries the MD5 of its bytes and every whole its CRC, and the store refuses any other.
//! - What was sent is completed, many files by one request: the server looks whether the store has each whole, and signs a receipt
//!   ([`StoredObject`]).
//! - A failed file never hides another's success; two files of the same name are two uploads.
//! - No answer, no progress for 30 seconds, and 408, 429 and 5xx, are tried again with full jitter ([`Retry`]); a URL that the store refuses is signed
//!   again; while the browser is offline nothing is tried again.
//! - [`Upload::controls`] pauses, resumes and cancels one file or all. Dropping the [`Upload`] stops all.
//! - What goes in parts can be resumed after the page was closed: by uploading the same bytes again, or by [`pending_uploads`].
//! - Bytes stay in the browser's `Blob`s: memory does not grow with the files.
//!
//! # Features
//!
//! | Feature | Default | What it brings |
//! |---|---|---|
//! | `web-sys` | yes | takes the files and blobs of [web-sys](web_sys) |
//! | `js` | no | the functions that the npm package is made of; not for Rust |

#![no_std]

extern crate alloc;
// Rust's standard library, and with it a panic's message, would add a quarter to what a page loads.
#[cfg(not(all(feature = "js", target_arch = "wasm32")))]
extern crate std;

mod checksum;
mod endpoint;
mod engine;
mod error;
mod event;
#[cfg(feature = "js")]
pub mod js;
mod keep;
mod options;
mod pending;
mod progress;
mod rate;
mod source;
mod sys;
mod upload;

pub use error::{Code, UploadError};
pub use event::{Event, Outcome, StoredObject, UploadResult};
pub use options::{Credentials, Options, Retry};
pub use pending::{PendingUpload, pending_uploads};
pub use presign_protocol as protocol;
pub use progress::{FileCounts, FileProgress, Progress};
pub use source::Source;
pub use upload::{Controls, Upload, limits, upload};
