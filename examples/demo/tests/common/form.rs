//! Forms as a browser sends them.

use super::Bucket;
use super::http::{Answer, request};

const BOUNDARY: &str = "----a-boundary-that-no-file-has";

/// The content type of a form.
pub(crate) fn content_type() -> String {
    format!("multipart/form-data; boundary={BOUNDARY}")
}

/// The body of a form: these fields, and after them the file.
pub(crate) fn body(fields: &[(String, String)], file: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, value) in fields {
        let part = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
        );
        body.extend(part.into_bytes());
    }
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"blob\"\r\n\
         Content-Type: application/octet-stream\r\n\r\n"
    );
    body.extend(head.into_bytes());
    body.extend(file);
    body.extend(format!("\r\n--{BOUNDARY}--\r\n").into_bytes());
    body
}

impl Bucket {
    /// Sends a form with these headers beside its content type.
    pub(crate) async fn post_with(
        &self,
        fields: &[(String, String)],
        headers: &[(&str, &str)],
        file: &[u8],
    ) -> Answer {
        let content_type = content_type();
        let headers = [headers, &[("content-type", &*content_type)]].concat();
        let body = body(fields, file);
        request(self.address, "POST", "/uploads", &headers, &body).await
    }

    pub(crate) async fn post(&self, fields: &[(String, String)], file: &[u8]) -> Answer {
        self.post_with(fields, &[], file).await
    }
}
