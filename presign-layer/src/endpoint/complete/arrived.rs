//! What every upload comes to once the store has its object, whichever way it came: each step in its order, and nothing that an earlier one
//! refuses is seen by a later one.

use std::sync::Arc;

use http::request::Parts;
use presign_protocol::CompletedUpload;

use super::proof::Proof;
use super::{application, content, mismatch, receipt};
use crate::core::Core;
use crate::endpoint::quota;
use crate::endpoint::signer::now;
use crate::endpoint::upload::Upload;
use crate::problem::Refused;
use crate::store::ObjectHead;

pub(super) async fn arrived(
    core: &Core,
    parts: &Arc<Parts>,
    upload: Upload,
    proof: &Proof,
    head: ObjectHead,
) -> Result<CompletedUpload, Refused> {
    // What the store has is what was granted, and what the client read from its disk.
    mismatch::check(&upload, &head)?;
    proof.compare(&head)?;
    content::check(core, &upload, &head).await?;
    // Nothing becomes of what there is no room for, and what has become of it is counted before the application is told.
    let room = quota::hold_still(core, &upload, head.size).await?;
    quota::arrived(room).await?;
    // The application comes last: nothing that it was told of can still be refused.
    let claims = receipt::of(&upload, &head, now(core)?);
    let receipt = receipt::seal(core, &claims)?;
    let data = application::told(core, parts, &upload, claims).await?;
    Ok(CompletedUpload {
        key: upload.key.into_string(),
        size: head.size,
        content_type: head.content_type,
        etag: head.etag,
        checksum: head.checksum,
        receipt,
        data,
    })
}
