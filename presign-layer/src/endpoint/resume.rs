//! `POST P/resume`: how far an upload is.

use std::sync::Arc;

use presign_protocol::{ResumeResponse, StoredPart, TokenRequest};

use super::object::Found;
use super::reading::Read;
use super::signer::now;
use super::upload::{SentInParts, Upload};
use super::{TOKEN_EXPECTED, json, object, store_error, upload};
use crate::answer::{self, Answer};
use crate::authorize::Action;
use crate::core::Core;
use crate::observe::Step;
use crate::problem::Refused;
use crate::store::CallError;

pub(super) async fn answer(read: Read) -> Answer {
    let step = Step::new(Action::Resume);
    let done = step.to_its_end(progress(&step, read)).await;
    answer::json_or_problem(done.map_err(Refused::into_problem))
}

async fn progress(step: &Step, read: Read) -> Result<ResumeResponse, Refused> {
    let request: TokenRequest = json::parse(&read.body, TOKEN_EXPECTED)?;
    let parts = Arc::new(read.parts);
    let upload = upload::continued(&read.core, &parts, &request.token, step).await?;
    let in_parts = upload.in_parts()?.clone();
    let stored = stored(&read.core, &upload, &in_parts).await?;
    Ok(ResumeResponse {
        key: upload.lasting_key().as_str().to_owned(),
        size: in_parts.plan.size(),
        part_size: in_parts.plan.part_size(),
        part_count: in_parts.plan.count().into(),
        parts: stored,
        checksums: upload.claims.checksums,
    })
}

/// The parts that the store has whole.
async fn stored(
    core: &Core,
    upload: &Upload,
    in_parts: &SentInParts,
) -> Result<Vec<StoredPart>, Refused> {
    let listed = core
        .store
        .list_parts(now(core)?, &upload.key, &in_parts.upload_id)
        .await;
    match listed {
        Ok(listed) => Ok(listed
            .into_iter()
            .map(|listed| listed.part)
            .filter(|part| in_parts.plan.bytes_of(part.number) == Some(part.size))
            .collect()),
        // The page was closed after the last part, or the answer to Complete was lost: nothing is left to send, and Complete will say so.
        Err(error @ (CallError::NoSuchUpload | CallError::Refused(_))) => {
            match object::look(core, upload).await? {
                Found::Ours(_) => Ok(all(in_parts)),
                Found::Other(_) | Found::Nothing => Err(refuse(upload, &error)),
            }
        }
        Err(error) => Err(refuse(upload, &error)),
    }
}

fn refuse(upload: &Upload, error: &CallError) -> Refused {
    store_error::refuse("list the parts of an upload", &upload.key, error).into()
}

/// Of parts that have become an object, the store does not tell the `ETag`s any more.
fn all(in_parts: &SentInParts) -> Vec<StoredPart> {
    (1..=in_parts.plan.count().into())
        .filter_map(|number| {
            Some(StoredPart {
                number,
                size: in_parts.plan.bytes_of(number)?,
                etag: String::new(),
            })
        })
        .collect()
}
