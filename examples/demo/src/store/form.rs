//! Uploads by a form, `POST` of `multipart/form-data`. s3s reads the form, checks its signature, its end of life, its length and each of its fields
//! against the policy; what it does not is here.
//!
//! s3s takes a form for as long as it takes a header's signature, so none that was signed more than 15 minutes ago, whatever its policy says.

use std::sync::Arc;

use axum::http::{HeaderValue, Method, header};
use s3s::config::{S3Config, S3ConfigProvider, StaticConfigProvider};
use s3s::dto::{ETag, PutObjectInput, PutObjectOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::objects::Objects;

/// The largest file of a form, in bytes: s3s has it in memory until it is whole.
pub(crate) const MAX_FORM: u64 = 64 * 1024 * 1024;

/// Bytes that all fields of a form have together, the file apart: S3's own limit is 20 KB.
const MAX_FIELDS: usize = 128 * 1024;

/// s3s, bounded to what the store is to bear.
pub(super) fn config() -> Arc<dyn S3ConfigProvider> {
    let mut config = S3Config::default();
    config.post_object_max_file_size = MAX_FORM;
    config.form_max_field_size = MAX_FIELDS;
    Arc::new(StaticConfigProvider::new(Arc::new(config)))
}

/// What was a form until s3s made a PUT of it.
pub(super) fn is_form(request: &S3Request<PutObjectInput>) -> bool {
    request.method == Method::POST
}

impl Objects {
    pub(super) async fn put_form(
        &self,
        mut request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        refuse_encryption(&request.input)?;
        // s3s has a length for every file but the empty one.
        request.input.content_length.get_or_insert(0);
        let location = format!("/{}/{}", request.input.bucket, request.input.key);
        let mut response = self.put(request).await?;
        let etag = response.output.e_tag.as_ref().map(ETag::value);
        let etag = etag.map(|etag| format!("\"{etag}\""));
        for (name, value) in [(header::ETAG, etag), (header::LOCATION, Some(location))] {
            if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
                response.headers.insert(name, value);
            }
        }
        Ok(response)
    }
}

/// s3s lets fields about encryption pass that are not in the policy, and does not say which those are.
fn refuse_encryption(input: &PutObjectInput) -> S3Result<()> {
    let asked = input.server_side_encryption.is_some()
        || input.ssekms_key_id.is_some()
        || input.ssekms_encryption_context.is_some()
        || input.bucket_key_enabled.is_some()
        || input.sse_customer_algorithm.is_some()
        || input.sse_customer_key.is_some()
        || input.sse_customer_key_md5.is_some();
    if asked {
        return Err(s3_error!(
            NotImplemented,
            "This store does not encrypt what comes in a form"
        ));
    }
    Ok(())
}
