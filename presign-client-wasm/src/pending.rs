use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::time::Duration;

use wasm_bindgen::JsValue;

use crate::sys::value::{get, get_count, get_string, items};
use crate::sys::{Reply, request};
use crate::upload::{Upload, upload};
use crate::{Options, Source, UploadError};

/// What this browser has begun to upload to the endpoint of `options` and not finished, and no tab is busy with: the oldest first.
///
/// ```no_run
/// # async fn example(chosen: web_sys::File) -> Result<(), presign_client_wasm::UploadError> {
/// use presign_client_wasm::{Options, pending_uploads};
///
/// let pending = pending_uploads(&Options::new()).await;
/// for upload in &pending {
///     println!("{}: {} of {} bytes", upload.name, upload.loaded, upload.size);
/// }
/// if let Some(upload) = pending.first() {
///     let results = upload.resume(chosen, Options::new()).await;
/// }
/// # Ok(())
/// # }
/// ```
pub async fn pending_uploads(options: &Options) -> Vec<PendingUpload> {
    let endpoint = &options.endpoint;
    // It does not fail.
    let found = Reply::to(&request::resumable(&endpoint.url())).await;
    items(&found.unwrap_or_default())
        .map(|upload| PendingUpload {
            name: get_string(&upload, "name").unwrap_or_default(),
            size: get_count(&upload, "size").unwrap_or_default(),
            content_type: get_string(&upload, "type").unwrap_or_default(),
            loaded: get_count(&upload, "loaded").unwrap_or_default(),
            started_at: since_1970(&upload, "startedAt"),
            expires_at: since_1970(&upload, "expiresAt"),
            endpoint: endpoint.0.clone(),
            upload,
        })
        .collect()
}

fn since_1970(upload: &JsValue, name: &str) -> Duration {
    Duration::from_millis(get_count(upload, name).unwrap_or_default())
}

/// An upload that was begun earlier, perhaps before the page was closed, and can go on.
#[derive(Clone)]
#[non_exhaustive]
pub struct PendingUpload {
    /// The file's name.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// The file's content type.
    pub content_type: String,
    /// Bytes that the store has.
    pub loaded: u64,
    /// When it was begun, since 1970.
    pub started_at: Duration,
    /// When the server forgets it, since 1970.
    pub expires_at: Duration,
    endpoint: JsValue,
    /// `{id, token}`.
    upload: JsValue,
}

impl PendingUpload {
    /// Goes on with it, if `file` has the same bytes; another file is uploaded anew, and [`Event::Restart`](crate::Event::Restart) says so.
    pub fn resume(&self, file: impl Into<Source>, mut options: Options) -> Upload {
        options.only = get(&self.upload, "id");
        upload([file], options)
    }

    /// Gives it up at the store too.
    ///
    /// # Errors
    ///
    /// The endpoint cannot be reached, or refuses; it is still pending then.
    pub async fn discard(&self) -> Result<(), UploadError> {
        Reply::to(&request::discard(&self.endpoint, &self.upload)).await?;
        Ok(())
    }
}

impl fmt::Debug for PendingUpload {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PendingUpload")
            .field("name", &self.name)
            .field("size", &self.size)
            .field("loaded", &self.loaded)
            .finish_non_exhaustive()
    }
}
