//! What becomes of an object that is refused, or that has been promoted.

use crate::core::Core;
use crate::endpoint::signer::now;
use crate::endpoint::upload::Upload;
use crate::key::ObjectKey;

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
    // Where that fails, the bucket's lifecycle rule will.
    delete(core, key, "a pending object").await;
}

/// Deletes what this very call has copied to where it was to stay, before anybody has a receipt for it.
pub(super) async fn copy(core: &Core, key: &ObjectKey) {
    delete(core, key, "a refused copy").await;
}

async fn delete(core: &Core, key: &ObjectKey, what: &str) {
    let Ok(now) = now(core) else {
        return;
    };
    match core.store.delete_object(now, key).await {
        Ok(()) => tracing::debug!(%key, "{what} is deleted"),
        Err(error) => tracing::warn!(%key, %error, "{what} is not deleted"),
    }
}
