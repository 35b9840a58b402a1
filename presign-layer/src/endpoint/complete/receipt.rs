use std::time::Duration;

use presign_protocol::Problem;

use crate::core::Core;
use crate::endpoint::upload::Upload;
use crate::problem::internal;
use crate::receipt::ReceiptClaims;
use crate::store::ObjectHead;

/// What the server says of the object that it saw.
pub(super) fn of(upload: &Upload, head: &ObjectHead, now: Duration) -> ReceiptClaims {
    let claims = &upload.claims;
    ReceiptClaims {
        mount: claims.mount.clone(),
        bucket: claims.bucket.clone(),
        key: upload.lasting_key().as_str().to_owned(),
        mark: claims.mark.clone(),
        size: head.size,
        content_type: head.content_type.clone(),
        etag: head.etag.clone(),
        checksum: head.checksum.clone(),
        subject: claims.subject.clone(),
        issued_at: now.as_secs(),
    }
}

pub(super) fn seal(core: &Core, claims: &ReceiptClaims) -> Result<String, Problem> {
    core.receipt_keys
        .seal(claims)
        .map_err(|error| internal(&error))
}
