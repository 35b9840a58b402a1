//! The application's own endpoint, in the protocol's words.

use presign_protocol::Limits;
use wasm_bindgen::JsValue;

use crate::UploadError;
use crate::sys::value::{get, get_count, items, texts};
use crate::sys::{Reply, request};

/// Where it is and what it is asked with: `{url, headers, credentials, patience, listens}` as `js/request.js` and `js/send.js` take it.
pub(crate) struct Endpoint(pub(crate) JsValue);

/// Permission to upload one file, as `js/request.js` or `js/recall.js` gives it.
pub(crate) struct Grant(pub(crate) JsValue);

/// What the server says of one file.
pub(crate) type Answer = Result<Grant, UploadError>;

impl Grant {
    pub(crate) fn of(answer: JsValue) -> Answer {
        let error = get(&answer, "error");
        if !error.is_undefined() {
            return Err(UploadError::from_js(error));
        }
        Ok(Self(answer))
    }

    /// The file goes in parts, and not in one request.
    pub(crate) fn is_in_parts(&self) -> bool {
        !get(&self.0, "partSize").is_undefined()
    }

    /// What was sent is to be completed.
    pub(crate) fn has_token(&self) -> bool {
        !get(&self.0, "token").is_undefined()
    }

    /// Milliseconds since 1970 until which its URLs are as good as new.
    pub(crate) fn fresh_until(&self) -> f64 {
        fresh_until(&self.0)
    }
}

/// What a grant is remembered by is free for other tabs from now on.
impl Drop for Grant {
    fn drop(&mut self) {
        request::leave(&self.0);
    }
}

pub(crate) fn fresh_until(answer: &JsValue) -> f64 {
    get(answer, "freshUntil").as_f64().unwrap_or_default()
}

impl Endpoint {
    pub(crate) fn url(&self) -> JsValue {
        get(&self.0, "url")
    }

    /// One answer for each source, in the same order. `resume` has the browser remember what can be resumed.
    pub(crate) async fn grants(
        &self,
        sources: &JsValue,
        resume: bool,
    ) -> Result<impl Iterator<Item = Answer>, UploadError> {
        let answers = Reply::to(&request::grants(&self.0, sources, resume)).await?;
        Ok(items(&answers).map(Grant::of))
    }

    pub(crate) async fn limits(&self) -> Result<Limits, UploadError> {
        let answer = Reply::to(&request::limits(&self.0)).await?;
        read_limits(&answer).ok_or_else(UploadError::incomplete)
    }
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
        post_below: get_count(answer, "postBelow"),
    })
}
