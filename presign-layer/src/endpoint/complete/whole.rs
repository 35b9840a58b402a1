//! What went in one request: the store made it an object, or did not.

use presign_protocol::ErrorCode;

use crate::core::Core;
use crate::endpoint::object::{self, Found, Seen};
use crate::endpoint::upload::Upload;
use crate::problem::{Refused, file_error};

use super::mismatch;

pub(super) async fn look(core: &Core, upload: &Upload) -> Result<Seen, Refused> {
    match object::look(core, upload).await? {
        Found::Ours(seen) => Ok(seen),
        Found::Other(head) => Err(mismatch::refuse(upload, &head).into()),
        Found::Nothing => Err(file_error(
            ErrorCode::ObjectMissing,
            "The store has nothing under this upload's key: the file did not arrive. Send it, then complete the upload.",
        )
        .into()),
    }
}
