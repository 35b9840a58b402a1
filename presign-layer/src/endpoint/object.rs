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
    /// Another object.
    Other,
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
        Some(head)
            if head.size == upload.plan.size()
                && head.mark.as_deref() == Some(&*upload.claims.mark) =>
        {
            Found::Ours(head)
        }
        Some(_) => Found::Other,
    })
}
