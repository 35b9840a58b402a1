//! What becomes of an object that is pending, and will not be or has been promoted.

use crate::core::Core;
use crate::endpoint::signer::now;
use crate::endpoint::upload::Upload;

/// Deletes the upload's pending object, if it has one: whatever is there is this upload's to lose. An object at its final key is never deleted: it may
/// be another one by now than the one that was looked at, and the application may have a receipt for it.
pub(super) async fn pending(core: &Core, upload: &Upload) {
    let key = &upload.key;
    if upload.final_key.is_none() {
        return;
    }
    let Ok(now) = now(core) else {
        return;
    };
    if let Err(error) = core.store.delete_object(now, key).await {
        tracing::warn!(%key, %error, "a pending object stays until the bucket's lifecycle rule removes it");
    }
}
