//! What every upload comes to once its object is verified and where it is to stay, whichever way it came.

use std::sync::Arc;

use http::request::Parts;
use presign_protocol::CompletedUpload;

use super::{Kept, application, receipt};
use crate::core::Core;
use crate::endpoint::quota;
use crate::endpoint::signer::now;
use crate::endpoint::upload::Upload;
use crate::problem::Refused;

pub(super) async fn arrived(
    core: &Core,
    parts: &Arc<Parts>,
    upload: Upload,
    Kept {
        head,
        room,
        uncounted,
    }: Kept<'_>,
) -> Result<CompletedUpload, Refused> {
    // What there is room for is counted before the application is told.
    quota::arrived(room).await?;
    drop(uncounted);
    // The application comes last: nothing that it was told of can still be refused.
    let claims = receipt::of(&upload, &head, now(core)?);
    let receipt = receipt::seal(core, &claims)?;
    let data = application::told(core, parts, &upload, claims).await?;
    Ok(CompletedUpload {
        key: upload.final_key.unwrap_or(upload.key).into_string(),
        size: head.size,
        content_type: head.content_type,
        etag: head.etag,
        checksum: head.checksum,
        receipt,
        data,
    })
}
