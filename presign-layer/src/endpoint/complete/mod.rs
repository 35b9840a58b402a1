//! `POST P/complete`: uploads become objects, and every object is looked at, each in its place.

mod application;
mod arrived;
mod checksum;
mod content;
mod discard;
mod md5;
mod mismatch;
mod missing;
mod once;
mod promote;
mod proof;
mod receipt;
mod settle;
mod verified;
mod whole;

use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::{self, StreamExt};
use http::request::Parts;
use presign_protocol::{
    CompleteAnswer, CompleteRequest, CompleteResponse, CompletedUpload, Problem, SentUpload,
};

use super::object::Seen;
use super::quota::{self, Held};
use super::reading::Read;
use super::upload::{Sent, Upload};
use super::{AT_ONCE, json, upload};
use crate::answer::{self, Answer};
use crate::authorize::Action;
use crate::core::Core;
use crate::finishing::{Begun, Finishing, UnderWay};
use crate::observe::{Ids, Step};
use crate::one_by_one::Alone;
use crate::problem::Refused;
use crate::store::ObjectHead;
use once::Turn;
use proof::Proof;

/// How long to wait before each further look for what another call may be about to finish: a second and a half in all.
const PAUSES: [Duration; 4] = [
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
];

const EXPECTED: &str = r#"{"uploads":[{"token":"…"}]}"#;

pub(super) async fn answer(read: Read) -> Answer {
    answer::json_or_problem(results(read).await)
}

async fn results(read: Read) -> Result<CompleteResponse, Problem> {
    let core = &read.core;
    let request: CompleteRequest = json::parse(&read.body, EXPECTED)?;
    json::check_count(
        request.uploads.len(),
        core.rules.max_files,
        "uploads",
        "upload",
    )?;
    let ids = Ids::of(&read.parts.headers);
    let parts = Arc::new(read.parts);
    let turns = once::turns(&request.uploads);
    let completing: Vec<_> = request
        .uploads
        .iter()
        .zip(&turns)
        .filter(|(_, turn)| !matches!(turn, Turn::SameAs(_)))
        .map(|(sent, turn)| {
            let (core, parts) = (Arc::clone(core), Arc::clone(&parts));
            let sent = match turn {
                Turn::Refused(error) => Err(error.clone()),
                Turn::Own | Turn::SameAs(_) => Ok(sent.clone()),
            };
            Finishing::new(|under_way| async move {
                let step = Step::new(Action::Complete);
                let completed = async { complete(&core, &parts, &sent?, &under_way, &step).await };
                step.to_its_end(completed).await
            })
        })
        .collect();
    let completed: Vec<Result<CompletedUpload, Refused>> =
        stream::iter(completing).buffered(AT_ONCE).collect().await;
    let mut answers = completed.into_iter().map(|result| {
        Refused::split(result).map(|result| match result {
            Ok(completed) => CompleteAnswer::Completed(completed),
            Err(error) => CompleteAnswer::Refused {
                error: ids.on_file(error),
            },
        })
    });
    let mut results: Vec<CompleteAnswer> = Vec::with_capacity(turns.len());
    for turn in &turns {
        let answer = match turn {
            Turn::SameAs(place) => results.get(*place).cloned(),
            Turn::Own | Turn::Refused(_) => answers.next().transpose()?,
        };
        results.extend(answer);
    }
    Ok(CompleteResponse { results })
}

async fn complete(
    core: &Core,
    parts: &Arc<Parts>,
    sent: &SentUpload,
    under_way: &UnderWay,
    step: &Step,
) -> Result<CompletedUpload, Refused> {
    let upload = upload::continued(core, parts, &sent.token, step).await?;
    let proof = Proof::read(&upload.claims, sent)?;
    let kept = kept(core, &upload, &proof, under_way).await?;
    arrived::arrived(core, parts, upload, kept).await
}

/// An upload's object, verified, where it is to stay, and the room that is held for it.
struct Kept<'a> {
    head: ObjectHead,
    room: Option<Held<'a>>,
    /// Held until it is counted.
    uncounted: Option<Uncounted>,
}

/// That an object appears under its own key by this very call, and is not counted yet.
struct Uncounted {
    /// Meanwhile no other call here completes the same upload or gives it up: who finds a copy does not know what became of the call that made it.
    _alone: Alone,
    /// It is counted though the client hangs up before that: it would be room for nothing otherwise.
    begun: Option<Begun>,
}

async fn kept<'a>(
    core: &'a Core,
    upload: &Upload,
    proof: &Proof,
    under_way: &UnderWay,
) -> Result<Kept<'a>, Refused> {
    if let Some(to) = &upload.final_key {
        // Boxed, because most uploads need no room for it.
        return Box::pin(promote::promoted(core, upload, proof, to, under_way)).await;
    }
    let uncounted = match upload.sent {
        // It is under its key already.
        Sent::Whole => None,
        Sent::InParts(_) => Some(Uncounted {
            _alone: core.completing.alone(&upload.claims.mark).await,
            begun: Some(under_way.begin()),
        }),
    };
    let Seen { head, .. } = sent(core, upload, proof).await?;
    verified::check(upload, proof, &head)?;
    content::check(core, upload, &head)
        .await?
        .map_err(content::replaced)?;
    let room = quota::hold_still(core, upload, head.size).await?;
    Ok(Kept {
        head,
        room,
        uncounted,
    })
}

/// What has become of the bytes that were sent.
async fn sent(core: &Core, upload: &Upload, proof: &Proof) -> Result<Seen, Refused> {
    match &upload.sent {
        Sent::Whole => whole::look(core, upload).await,
        Sent::InParts(in_parts) => {
            settle::settle(core, upload, in_parts, proof.checksum.clone()).await
        }
    }
}
