//! One upload in parts becomes an object, however often and from wherever that is asked for. The store's answer to Complete can be lost, and another
//! call may have been quicker: what counts in the end is the object that the store shows.

use presign_protocol::{Crc, ErrorCode};

use super::{PAUSES, missing};
use crate::core::Core;
use crate::endpoint::object::{Found, Seen};
use crate::endpoint::signer::now;
use crate::endpoint::upload::{SentInParts, Upload};
use crate::endpoint::{object, store_error};
use crate::plan::Plan;
use crate::problem::Refused;
use crate::store::{CallError, Completion};

pub(super) async fn settle(
    core: &Core,
    upload: &Upload,
    in_parts: &SentInParts,
    checksum: Option<(Crc, String)>,
) -> Result<Seen, Refused> {
    let SentInParts { upload_id, plan } = in_parts;
    let listed = core
        .store
        .list_parts(now(core)?, &upload.key, upload_id)
        .await;
    let parts = match listed {
        Ok(listed) => missing::check(*plan, listed)?,
        Err(error) => return finished_otherwise(core, upload, *plan, error).await,
    };
    let completion = Completion {
        forbid_overwrite: forbids_overwrite(upload),
        checksum,
    };
    let completed = core
        .store
        .complete_multipart_upload(now(core)?, &upload.key, upload_id, &parts, &completion)
        .await;
    match completed {
        Ok(_) => look(core, upload).await?.ok_or_else(|| {
            tracing::error!(key = %upload.key, "an upload is complete, and its object is not there");
            store_error::failed().into()
        }),
        Err(error) => finished_otherwise(core, upload, *plan, error).await,
    }
}

/// The store did not do it. If the object is there all the same, it is done.
async fn finished_otherwise(
    core: &Core,
    upload: &Upload,
    plan: Plan,
    error: CallError,
) -> Result<Seen, Refused> {
    // These two come before anything else could have been done.
    if let CallError::ChecksumMismatch(_) | CallError::Credentials(_) = error {
        return Err(refuse(upload, &error));
    }
    match look(core, upload).await {
        Ok(Some(seen)) => Ok(seen),
        Ok(None) => Err(match error {
            CallError::InvalidPart(_) => {
                tracing::warn!(key = %upload.key, %error, "the store lists parts that it does not take");
                missing::all(plan).into()
            }
            // The first failure says more than that of the look after it.
            error => refuse(upload, &error),
        }),
        Err(Refused::InPlace(looking)) if looking.code != ErrorCode::StoreFailed => {
            Err(looking.into())
        }
        Err(Refused::InPlace(_)) => {
            tracing::warn!(key = %upload.key, %error, "the store did not complete an upload");
            Err(store_error::failed().into())
        }
        Err(whole) => Err(whole),
    }
}

fn refuse(upload: &Upload, error: &CallError) -> Refused {
    store_error::refuse("complete an upload", &upload.key, error).into()
}

/// The upload's object, as soon as the store shows it.
async fn look(core: &Core, upload: &Upload) -> Result<Option<Seen>, Refused> {
    let mut found = object::look(core, upload).await?;
    for pause in PAUSES {
        let may_come = match found {
            Found::Ours(_) => false,
            Found::Other(_) => upload.final_key.is_none() && upload.may_replace(),
            Found::Nothing => true,
        };
        if !may_come {
            break;
        }
        core.store.pause(pause).await;
        found = object::look(core, upload).await?;
    }
    Ok(match found {
        Found::Ours(seen) => Some(seen),
        Found::Other(_) | Found::Nothing => None,
    })
}

/// Nobody else has a pending key; what has the upload's own one is a matter of the copy.
fn forbids_overwrite(upload: &Upload) -> bool {
    upload.final_key.is_none() && !upload.may_replace()
}
