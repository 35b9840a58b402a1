//! Whether what the store has under an upload's key is what the upload makes.

use super::signer::now;
use super::store_error;
use super::upload::Upload;
use crate::core::Core;
use crate::key::ObjectKey;
use crate::problem::Refused;
use crate::store::ObjectHead;

/// What is under an upload's key.
pub(super) enum Found<T = ObjectHead> {
    /// The upload's object, whole.
    Ours(T),
    /// Another object, or not all of this one.
    Other(ObjectHead),
    Nothing,
}

/// An upload's object, whole.
pub(super) struct Seen {
    pub(super) head: ObjectHead,
    /// Whether it is where it is to stay.
    pub(super) lasts: bool,
}

/// Looks where the upload's bytes are sent to, and then where its object is to stay: another call may have promoted it.
pub(super) async fn look(core: &Core, upload: &Upload) -> Result<Found<Seen>, Refused> {
    let lasts = upload.final_key.is_none();
    let sent = match look_at(core, upload, &upload.key).await? {
        Found::Ours(head) => return Ok(Found::Ours(Seen { head, lasts })),
        Found::Other(head) => Found::Other(head),
        Found::Nothing => Found::Nothing,
    };
    if let Some(key) = &upload.final_key
        && let Found::Ours(head) = look_at(core, upload, key).await?
    {
        return Ok(Found::Ours(Seen { head, lasts: true }));
    }
    Ok(sent)
}

pub(super) async fn look_at(
    core: &Core,
    upload: &Upload,
    key: &ObjectKey,
) -> Result<Found, Refused> {
    let head = core
        .store
        .head_object(now(core)?, key)
        .await
        .map_err(|error| store_error::refuse("describe an object", key, &error))?;
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
