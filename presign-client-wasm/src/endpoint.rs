//! The application's own endpoint, in the protocol's words.

use alloc::string::String;
use alloc::vec::Vec;

use presign_protocol::Limits;
use wasm_bindgen::JsValue;

use crate::sys::request;
use crate::sys::value::{get, get_count, get_string, items, object, set, texts};
use crate::{Code, Source, UploadError};

/// Where it is and what it is asked with: `{url, headers, credentials}` as `js/request.js` takes it.
pub(crate) struct Endpoint(pub(crate) JsValue);

/// A presigned PUT.
pub(crate) struct Grant {
    pub(crate) url: String,
    /// What is signed, so what has to be sent: an object of names and values.
    pub(crate) headers: JsValue,
    pub(crate) key: String,
    /// Seconds from the answer on.
    pub(crate) expires_in: u64,
}

/// What the server says of one file.
pub(crate) type Answer = Result<Grant, UploadError>;

impl Endpoint {
    /// One answer for each file, in the same order.
    pub(crate) async fn grants<'a>(
        &self,
        files: impl Iterator<Item = &'a Source>,
    ) -> Result<Vec<Answer>, UploadError> {
        let asked = files.map(spec).collect();
        let answers = request::grants(&self.0, asked).await?;
        Ok(items(&answers).map(|answer| read(&answer)).collect())
    }

    pub(crate) async fn limits(&self) -> Result<Limits, UploadError> {
        let answer = request::limits(&self.0).await?;
        read_limits(&answer).ok_or_else(|| unexpected("The limits are not complete."))
    }
}

fn spec(file: &Source) -> JsValue {
    let spec = object(&[
        ("name", file.name.as_str().into()),
        ("size", file.blob.size().into()),
        ("type", file.blob.content_type().into()),
    ]);
    if !file.metadata.is_undefined() {
        set(&spec, "metadata", &file.metadata);
    }
    spec
}

fn read(answer: &JsValue) -> Answer {
    let error = get(answer, "error");
    if error.is_object() {
        return Err(UploadError::from_js(error));
    }
    if get_string(answer, "method").as_deref() != Some("put") {
        return Err(unexpected(
            "The server grants the upload by a method that this version of presign-client does not know.",
        ));
    }
    read_put(answer).ok_or_else(|| unexpected("The server's grant is not complete."))
}

fn read_put(grant: &JsValue) -> Option<Grant> {
    let headers = get(grant, "headers");
    if !headers.is_object() {
        return None;
    }
    Some(Grant {
        url: get_string(grant, "url")?,
        headers,
        key: get_string(grant, "key")?,
        expires_in: get_count(grant, "expiresIn")?,
    })
}

fn read_limits(answer: &JsValue) -> Option<Limits> {
    Some(Limits {
        min_size: get_count(answer, "minSize")?,
        max_size: get_count(answer, "maxSize")?,
        types: texts(&get(answer, "types")),
        max_files: usize::try_from(get_count(answer, "maxFiles")?).ok()?,
        metadata: texts(&get(answer, "metadata"))?,
        expires_in: get_count(answer, "expiresIn")?,
        multipart_threshold: get_count(answer, "multipartThreshold"),
        part_size: get_count(answer, "partSize"),
    })
}

fn unexpected(message: &str) -> UploadError {
    UploadError::new(&Code::UnexpectedAnswer, message)
}
