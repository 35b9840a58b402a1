use presign_protocol::{ErrorCode, FileError};

use super::discard;
use crate::content::{self, Contradiction};
use crate::core::Core;
use crate::decision::stored_type;
use crate::endpoint::signer::now;
use crate::endpoint::upload::Upload;
use crate::endpoint::{quota, store_error};
use crate::key::ObjectKey;
use crate::problem::{Refused, excerpt, file_error};
use crate::store::{ObjectHead, Replaced};

/// An upload's object, where it was sent to, does not contradict, by its first bytes, the type that was granted: where the policy wants that known.
pub(super) async fn check(
    core: &Core,
    upload: &Upload,
    head: &ObjectHead,
) -> Result<Result<(), Replaced>, Refused> {
    let contradiction = match contradiction(core, upload, &upload.key, head).await? {
        Ok(None) => return Ok(Ok(())),
        Ok(Some(contradiction)) => contradiction,
        Err(replaced) => return Ok(Err(replaced)),
    };
    discard::pending(core, upload).await;
    quota::discarded(core, upload).await?;
    Err(refuse(upload, &contradiction).into())
}

/// The same of its copy where it is to stay. Where an uploader can choose an `ETag` (`MinIO`), what was copied need not be what was looked at. `fresh` is a
/// copy that this call has made: nobody has a receipt for it, and one that is refused is deleted.
pub(super) async fn check_copy(
    core: &Core,
    upload: &Upload,
    key: &ObjectKey,
    head: &ObjectHead,
    fresh: bool,
) -> Result<(), Refused> {
    let found = contradiction(core, upload, key, head).await?;
    let Some(contradiction) = found.map_err(replaced)? else {
        return Ok(());
    };
    if fresh {
        discard::copy(core, key).await;
        quota::discarded(core, upload).await?;
    }
    Err(refuse(upload, &contradiction).into())
}

async fn contradiction(
    core: &Core,
    upload: &Upload,
    key: &ObjectKey,
    head: &ObjectHead,
) -> Result<Result<Option<Contradiction>, Replaced>, Refused> {
    if !core.rules.check_content {
        return Ok(Ok(None));
    }
    let granted = stored_type(&upload.claims.content_type);
    let looked_at = usize::try_from(head.size)
        .unwrap_or(usize::MAX)
        .min(content::LOOKED_AT);
    let checked = if looked_at == 0 {
        content::check(granted, &[])
    } else {
        let read = core
            .store
            .first_bytes(now(core)?, key, &head.etag, looked_at)
            .await
            .map_err(|error| store_error::refuse("give an object's first bytes", key, &error))?;
        match read {
            Ok(first) => content::check(granted, &first),
            Err(replaced) => return Ok(Err(replaced)),
        }
    };
    let contradiction = checked.err();
    if let Some(contradiction) = &contradiction {
        tracing::warn!(%key, granted, %contradiction, "a file's content contradicts its type");
    }
    Ok(Ok(contradiction))
}

fn refuse(upload: &Upload, contradiction: &Contradiction) -> FileError {
    let granted = stored_type(&upload.claims.content_type);
    file_error(
        ErrorCode::ContentMismatch,
        format!(
            "The file was granted as {}, and {contradiction}.",
            excerpt(granted)
        ),
    )
}

pub(super) fn replaced(_: Replaced) -> FileError {
    file_error(
        ErrorCode::ObjectMismatch,
        "The object was replaced or deleted while it was looked at.",
    )
}
