//! The application's own endpoint, in the protocol's words.

use alloc::vec::Vec;

use presign_protocol::Limits;
use wasm_bindgen::JsValue;

use crate::sys::value::{get, get_count, get_string, items, object, set, texts};
use crate::sys::{Reply, float, now, request};
use crate::{Code, Source, UploadError};

/// Milliseconds that a presigned URL must still live when it begins to be used.
const FRESH: f64 = 30_000.0;

/// Where it is and what it is asked with: `{url, headers, credentials}` as `js/request.js` takes it.
pub(crate) struct Endpoint(pub(crate) JsValue);

/// Permission to upload one file.
pub(crate) struct Grant {
    /// As it was answered.
    pub(crate) answer: JsValue,
    pub(crate) method: Method,
    /// Until when its URLs are as good as new.
    pub(crate) fresh_until: f64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// One PUT of the whole file.
    Put,
    /// One PUT for each part.
    Multipart,
}

/// What the server says of one file.
pub(crate) type Answer = Result<Grant, UploadError>;

impl Endpoint {
    pub(crate) fn url(&self) -> JsValue {
        get(&self.0, "url")
    }

    /// One answer for each file, in the same order.
    pub(crate) async fn grants<'a>(
        &self,
        files: impl Iterator<Item = &'a Source>,
    ) -> Result<Vec<Answer>, UploadError> {
        let asked = files.map(spec).collect();
        let answers = Reply::to(&request::grants(&self.0, asked)).await?;
        Ok(items(&answers).map(read).collect())
    }

    pub(crate) async fn limits(&self) -> Result<Limits, UploadError> {
        let answer = Reply::to(&request::limits(&self.0)).await?;
        read_limits(&answer).ok_or_else(incomplete)
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

pub(crate) fn read(answer: JsValue) -> Answer {
    let error = get(&answer, "error");
    if error.is_object() {
        return Err(UploadError::from_js(error));
    }
    let grant = method(&answer).zip(fresh_until(&answer));
    let (method, fresh_until) = grant.ok_or_else(incomplete)?;
    Ok(Grant {
        answer,
        method,
        fresh_until,
    })
}

fn method(grant: &JsValue) -> Option<Method> {
    let (method, strings, parts) = match get_string(grant, "method")?.as_str() {
        "put" => (Method::Put, ["key", "url"], "headers"),
        "multipart" => (Method::Multipart, ["key", "token"], "parts"),
        _ => return None,
    };
    let complete = strings.iter().all(|name| get(grant, name).is_string());
    (complete && get(grant, parts).is_object()).then_some(method)
}

/// A server that grants for no time at all would be asked again and again without end.
pub(crate) fn fresh_until(answer: &JsValue) -> Option<f64> {
    let lifetime = float(get_count(answer, "expiresIn")?.max(1)) * 1000.0;
    Some(now() + lifetime - FRESH.min(lifetime / 2.0))
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

/// What the server says cannot be, or only for a later version of this package.
pub(crate) fn incomplete() -> UploadError {
    UploadError::new(
        &Code::UnexpectedAnswer,
        "The server's answer is not complete, or not one that this version of presign-client knows.",
    )
}
