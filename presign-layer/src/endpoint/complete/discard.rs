//! What becomes of an object that is refused, or that has been promoted.

use crate::core::Core;
use crate::endpoint::signer::now;
use crate::endpoint::upload::{Sent, Upload};
use crate::key::ObjectKey;
use crate::store::CallError;

/// Deletes the upload's object if it is still pending: nobody but the uploader knows of it, and whatever is there is this upload's to lose.
///
/// At its final key it is left. It may be another object by now than the one that was looked at, and the application may have a receipt for
/// that key from an earlier call: no condition on a delete is portable that would tell. The log names the key.
pub(super) async fn pending(core: &Core, upload: &Upload) {
    let key = &upload.key;
    if upload.final_key.is_none() {
        tracing::warn!(%key, "a refused object is left under its final key");
        return;
    }
    match delete(core, key).await {
        Ok(()) => tracing::debug!(%key, "a pending object is deleted"),
        // The bucket's lifecycle rule will.
        Err(error) => tracing::warn!(%key, %error, "a pending object is not deleted"),
    }
}

/// Gives up the parts of an upload that are no object yet. Its room ends with it, so they are not to stay for as long as it could be continued.
pub(super) async fn parts(core: &Core, upload: &Upload) {
    let (Sent::InParts(in_parts), Ok(now)) = (&upload.sent, now(core)) else {
        return;
    };
    let key = &upload.key;
    let aborted = core
        .store
        .abort_multipart_upload(now, key, &in_parts.upload_id)
        .await;
    match aborted {
        Ok(()) | Err(CallError::NoSuchUpload) => tracing::debug!(%key, "parts are given up"),
        // The bucket's lifecycle rule will.
        Err(error) => tracing::warn!(%key, %error, "parts are not given up"),
    }
}

/// Deletes a copy that this very call has made, before it told anybody of it. Where overwriting is allowed, another upload may have the key in the same
/// moment: it may as well have been replaced. And a call of this upload in the same moment that gave another MD5 can have found the copy right.
pub(super) async fn copy(core: &Core, key: &ObjectKey) {
    match delete(core, key).await {
        Ok(()) => tracing::debug!(%key, "a refused copy is deleted"),
        Err(error) => {
            tracing::error!(%key, %error, "a refused object is left under its final key");
        }
    }
}

async fn delete(core: &Core, key: &ObjectKey) -> Result<(), CallError> {
    match now(core) {
        Ok(now) => core.store.delete_object(now, key).await,
        Err(_) => Ok(()),
    }
}
