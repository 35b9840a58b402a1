//! Whether what the store has under an upload's key is what the upload makes.

use super::signer::now;
use super::store_error;
use super::upload::Upload;
use crate::core::Core;
use crate::problem::Refused;
use crate::store::ObjectHead;

/// What is under an upload's key.
pub(super) enum Found {
    /// The upload's object, whole.
    Ours(ObjectHead),
    /// Another object, or not all of this one.
    Other(ObjectHead),
    Nothing,
}

pub(super) async fn look(core: &Core, upload: &Upload) -> Result<Found, Refused> {
    let head = core
        .store
        .head_object(now(core)?, &upload.key)
        .await
        .map_err(|error| store_error::refuse("describe an object", &upload.key, &error))?;
    Ok(match head {
        None => Found::Nothing,
        Some(head) if upload.claims.sizes().contains(&head.size) && is_of(&head, upload) => {
            Found::Ours(head)
        }
        Some(head) => Found::Other(head),
    })
}

/// Whether the upload made the object.
pub(super) fn is_of(head: &ObjectHead, upload: &Upload) -> bool {
    head.mark.as_deref() == Some(&*upload.claims.mark)
}
