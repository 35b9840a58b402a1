//! What every upload comes to once its object is verified and where it is to stay, whichever way it came.

use presign_protocol::CompletedUpload;

use super::receipt;
use crate::core::Core;
use crate::endpoint::upload::Upload;
use crate::problem::Refused;
use crate::store::ObjectHead;

pub(super) fn arrived(
    core: &Core,
    upload: Upload,
    head: ObjectHead,
) -> Result<CompletedUpload, Refused> {
    let receipt = receipt::of(core, &upload, &head)?;
    tracing::debug!(key = %upload.lasting_key(), size = head.size, "an upload is complete");
    Ok(CompletedUpload {
        key: upload.final_key.unwrap_or(upload.key).into_string(),
        size: head.size,
        content_type: head.content_type,
        etag: head.etag,
        checksum: head.checksum,
        receipt,
        data: None,
    })
}
