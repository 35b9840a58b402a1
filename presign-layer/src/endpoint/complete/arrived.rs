//! What every upload comes to once the store has its object, whichever way it came: each step in its order, and nothing that an earlier one
//! refuses is seen by a later one.

use presign_protocol::CompletedUpload;

use super::proof::Proof;
use super::{mismatch, receipt};
use crate::core::Core;
use crate::endpoint::upload::Upload;
use crate::problem::Refused;
use crate::store::ObjectHead;

pub(super) async fn arrived(
    core: &Core,
    upload: Upload,
    proof: &Proof,
    head: ObjectHead,
) -> Result<CompletedUpload, Refused> {
    // What the store has is what was granted, and what the client read from its disk.
    mismatch::check(&upload, &head)?;
    proof.compare(&head)?;
    let receipt = receipt::of(core, &upload, &head)?;
    tracing::debug!(key = %upload.key, size = head.size, "an upload is complete");
    Ok(CompletedUpload {
        key: upload.key.into_string(),
        size: head.size,
        content_type: head.content_type,
        etag: head.etag,
        checksum: head.checksum,
        receipt,
        data: None,
    })
}
