use presign_protocol::{ErrorCode, FileError};

use super::discard;
use crate::content::{self, Contradiction};
use crate::core::Core;
use crate::decision::stored_type;
use crate::endpoint::signer::now;
use crate::endpoint::upload::Upload;
use crate::endpoint::{quota, store_error};
use crate::problem::{Refused, excerpt, file_error};
use crate::store::{ObjectHead, Replaced};

/// An upload's object, where it was sent to, does not contradict, by its first bytes, the type that was granted: where the policy wants that known.
pub(super) async fn check(
    core: &Core,
    upload: &Upload,
    head: &ObjectHead,
) -> Result<Result<(), Replaced>, Refused> {
    if !core.rules.check_content {
        return Ok(Ok(()));
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
            .first_bytes(now(core)?, &upload.key, &head.etag, looked_at)
            .await
            .map_err(|error| {
                store_error::refuse("give an object's first bytes", &upload.key, &error)
            })?;
        match read {
            Ok(first) => content::check(granted, &first),
            Err(replaced) => return Ok(Err(replaced)),
        }
    };
    let Err(contradiction) = checked else {
        return Ok(Ok(()));
    };
    tracing::warn!(key = %upload.key, granted, %contradiction, "a file's content contradicts its type");
    discard::pending(core, upload).await;
    quota::discarded(core, upload).await?;
    Err(refuse(granted, &contradiction).into())
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
