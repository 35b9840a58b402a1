//! From the pending key to the one where the object is to stay, however often and from wherever that is asked for. Whatever is under that key with the upload's
//! mark was verified before it was copied there, and is never copied again: a URL that still lives cannot change it.
//! Within a mount an upload is copied by one call at a time. Those at two servers are told apart by conditions; where the copy may replace another object there is none, and the later copy stays.

use presign_protocol::Problem;

use super::proof::Proof;
use super::{Kept, PAUSES, Uncounted, content, discard, mismatch, verified};
use crate::core::Core;
use crate::endpoint::object::{self, Found};
use crate::endpoint::quota;
use crate::endpoint::signer::now;
use crate::endpoint::store_error;
use crate::endpoint::upload::Upload;
use crate::finishing::UnderWay;
use crate::key::ObjectKey;
use crate::problem::Refused;
use crate::store::{CallError, Copying, ObjectHead, Source};

pub(super) async fn promoted<'a>(
    core: &'a Core,
    upload: &Upload,
    proof: &Proof,
    to: &ObjectKey,
    under_way: &UnderWay,
) -> Result<Kept<'a>, Refused> {
    let mut uncounted = Uncounted {
        _alone: core.completing.alone(&upload.claims.mark).await,
        begun: None,
    };
    let mut pauses = PAUSES.into_iter();
    loop {
        let taken = match object::look_at(core, upload, to).await? {
            Found::Ours(head) => return kept(core, upload, proof, to, head, uncounted).await,
            Found::Other(_) => true,
            Found::Nothing => false,
        };
        if taken && !upload.may_replace() {
            discard::parts(core, upload).await;
            return Err(refused(core, upload, store_error::exists().into()).await);
        }
        let seen = super::sent(core, upload, proof).await?;
        if seen.lasts {
            return kept(core, upload, proof, to, seen.head, uncounted).await;
        }
        if let Err(unfit) = verified::check(upload, proof, &seen.head) {
            return Err(refused(core, upload, unfit).await);
        }
        // Otherwise the pending object was sent again, or another call was quicker.
        if let Ok(()) = content::check(core, upload, &seen.head).await? {
            // Nothing is copied that there is no room for.
            let room = quota::hold_still(core, upload, seen.head.size).await?;
            uncounted.begun.get_or_insert_with(|| under_way.begin());
            match copy(core, upload, to, &seen.head, taken).await {
                Ok(()) => {
                    let head = shown(core, upload, proof, to).await?;
                    return Ok(Kept {
                        head,
                        room,
                        uncounted: Some(uncounted),
                    });
                }
                // The same, or somebody took the key. Garage gives up the uploads to a key when another object gets it: those of copies by parts too.
                Err(Hindrance::Store(
                    CallError::Unmet | CallError::NoSuchObject | CallError::NoSuchUpload,
                )) => {}
                Err(hindrance) => return Err(refuse(to, hindrance)),
            }
        }
        let Some(pause) = pauses.next() else {
            tracing::warn!(key = %to, "an object changes as often as it is looked at, and is not promoted");
            return Err(store_error::failed().into());
        };
        core.store.pause(pause).await;
    }
}

async fn copy(
    core: &Core,
    upload: &Upload,
    to: &ObjectKey,
    pending: &ObjectHead,
    taken: bool,
) -> Result<(), Hindrance> {
    // Where the store can, nothing is replaced that was not seen: another call of this upload may have been quicker, and answered.
    let unseen = !taken && core.store.capabilities().conditional_copy();
    let copying = Copying {
        source: Source {
            key: &upload.key,
            etag: &pending.etag,
        },
        size: pending.size,
        to,
        headers: &core.rules.copy_headers(),
        forbid_overwrite: unseen || !upload.may_replace(),
    };
    let now = || now(core).map_err(Hindrance::Whole);
    core.store.copy(now, copying).await
}

/// The copy, as soon as the store shows it.
async fn shown(
    core: &Core,
    upload: &Upload,
    proof: &Proof,
    to: &ObjectKey,
) -> Result<ObjectHead, Refused> {
    let mut found = object::look_at(core, upload, to).await?;
    for pause in PAUSES {
        if !matches!(found, Found::Nothing) {
            break;
        }
        core.store.pause(pause).await;
        found = object::look_at(core, upload, to).await?;
    }
    match found {
        Found::Ours(head) => {
            let copy = Copy {
                key: to,
                fresh: true,
            };
            done(core, upload, proof, copy, head).await
        }
        // It was there, and another upload that may do so has replaced it.
        Found::Other(head) => {
            let replaced = mismatch::refuse(upload, &head).into();
            Err(refused(core, upload, replaced).await)
        }
        Found::Nothing => {
            tracing::error!(key = %to, "an object was promoted, and is not there");
            Err(store_error::failed().into())
        }
    }
}

/// Another call has promoted it.
async fn kept<'a>(
    core: &'a Core,
    upload: &Upload,
    proof: &Proof,
    to: &ObjectKey,
    head: ObjectHead,
    uncounted: Uncounted,
) -> Result<Kept<'a>, Refused> {
    let copy = Copy {
        key: to,
        fresh: false,
    };
    let head = done(core, upload, proof, copy, head).await?;
    let room = quota::hold_still(core, upload, head.size).await?;
    Ok(Kept {
        head,
        room,
        uncounted: Some(uncounted),
    })
}

/// An object where it is to stay.
struct Copy<'a> {
    key: &'a ObjectKey,
    /// This call has made it.
    fresh: bool,
}

/// The object is where it is to stay. What is still pending is of no use: this call's, or that of one that broke off after its copy.
async fn done(
    core: &Core,
    upload: &Upload,
    proof: &Proof,
    copy: Copy<'_>,
    head: ObjectHead,
) -> Result<ObjectHead, Refused> {
    discard::pending(core, upload).await;
    if let Err(unfit) = verified::check(upload, proof, &head) {
        // Where an uploader can choose an `ETag`, what was copied need not be what was looked at.
        if copy.fresh {
            discard::copy(core, copy.key).await;
            quota::discarded(core, upload).await?;
        }
        return Err(unfit);
    }
    content::check_copy(core, upload, copy.key, &head, copy.fresh).await?;
    Ok(head)
}

/// The upload will never have its key: what is pending of it goes, and its room ends.
async fn refused(core: &Core, upload: &Upload, why: Refused) -> Refused {
    discard::pending(core, upload).await;
    match quota::discarded(core, upload).await {
        Ok(()) => why,
        Err(problem) => problem.into(),
    }
}

/// Why an object is not promoted.
enum Hindrance {
    Store(CallError),
    Whole(Problem),
}

impl From<CallError> for Hindrance {
    fn from(error: CallError) -> Self {
        Self::Store(error)
    }
}

fn refuse(to: &ObjectKey, hindrance: Hindrance) -> Refused {
    match hindrance {
        Hindrance::Whole(problem) => problem.into(),
        Hindrance::Store(error) => store_error::refuse("promote an object", to, &error).into(),
    }
}
