use presign_protocol::Problem;

use crate::core::Core;
use crate::endpoint::signer::now;
use crate::endpoint::upload::Upload;
use crate::problem::internal;
use crate::receipt::ReceiptClaims;
use crate::store::ObjectHead;

/// What the server says of the object that it saw.
pub(super) fn of(core: &Core, upload: &Upload, head: &ObjectHead) -> Result<String, Problem> {
    let claims = &upload.claims;
    let receipt = ReceiptClaims {
        mount: claims.mount.clone(),
        bucket: claims.bucket.clone(),
        key: upload.lasting_key().as_str().to_owned(),
        mark: claims.mark.clone(),
        size: head.size,
        content_type: head.content_type.clone(),
        etag: head.etag.clone(),
        checksum: head.checksum.clone(),
        subject: claims.subject.clone(),
        issued_at: now(core)?.as_secs(),
    };
    core.receipt_keys
        .seal(&receipt)
        .map_err(|error| internal(&error))
}
