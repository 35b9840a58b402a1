//! Whether an object's first bytes contradict the type that was granted, where the policy wants that known.

use presign_protocol::{ErrorCode, FileError};

use super::discard;
use super::promote::{By, Promoted};
use crate::content::{self, Contradiction};
use crate::core::Core;
use crate::decision::stored_type;
use crate::endpoint::signer::now;
use crate::endpoint::upload::Upload;
use crate::endpoint::{quota, store_error};
use crate::key::ObjectKey;
use crate::problem::{Refused, excerpt, file_error};
use crate::store::{ObjectHead, Replaced};

/// Looks at an upload's object where it was sent to.
pub(super) async fn check(
    core: &Core,
    upload: &Upload,
    head: &ObjectHead,
) -> Result<Result<(), Replaced>, Refused> {
    let contradiction = match look(core, upload, &upload.key, head).await? {
        Ok(None) => return Ok(Ok(())),
        Ok(Some(contradiction)) => contradiction,
        Err(replaced) => return Ok(Err(replaced)),
    };
    discard::pending(core, upload).await;
    quota::discarded(core, upload).await?;
    Err(contradiction.into())
}

/// Looks at it where it is to stay: what was copied there had the `ETag` of what was looked at before, and at a store that lets an uploader say the
/// `ETag` other bytes all the same.
pub(super) async fn check_promoted(
    core: &Core,
    upload: &Upload,
    promoted: &Promoted<'_>,
) -> Result<Result<(), Replaced>, Refused> {
    let contradiction = match look(core, upload, promoted.to, &promoted.head).await? {
        Ok(None) => return Ok(Ok(())),
        Ok(Some(contradiction)) => contradiction,
        Err(replaced) => return Ok(Err(replaced)),
    };
    // Another call's copy is that call's to delete: of one that was made under another policy there may be a receipt.
    if promoted.by == By::ThisCall {
        discard::copy(core, promoted.to).await;
        quota::discarded(core, upload).await?;
    }
    Err(contradiction.into())
}

async fn look(
    core: &Core,
    upload: &Upload,
    key: &ObjectKey,
    head: &ObjectHead,
) -> Result<Result<Option<FileError>, Replaced>, Refused> {
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
    let Err(contradiction) = checked else {
        return Ok(Ok(None));
    };
    tracing::warn!(%key, granted, %contradiction, "a file's content contradicts its type");
    Ok(Ok(Some(refuse(granted, &contradiction))))
}

fn refuse(granted: &str, contradiction: &Contradiction) -> FileError {
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
