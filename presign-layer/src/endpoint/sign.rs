//! From the files that were asked for to grants: the way that both endpoints share.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use http::request::Parts;
use presign_protocol::{Checksums, FileError, Grant, MultipartGrant, Problem};

use super::granted::Granted;
use super::quota::{self, Held};
use super::signer::{Signer, now};
use super::{AT_ONCE, permission, store_error};
use crate::authorize::{Action, Ask, FileAsked, Permit};
use crate::core::Core;
use crate::decision::{Decision, InParts, Way, Ways, decide};
use crate::observe::Step;
use crate::policy::MultipartRules;
use crate::problem::{Refused, internal};
use crate::store::FullObjectChecksums;
use crate::token::ClaimedWay;

/// A grant or a refusal for each file, in the same order; or one problem for the whole request.
pub(super) async fn sign(
    core: &Core,
    parts: Parts,
    files: Vec<FileAsked>,
    ways: Ways,
) -> Result<Vec<Result<Grant, FileError>>, Problem> {
    let parts = Arc::new(parts);
    let asks: Vec<(Ask, Step)> = files
        .into_iter()
        .map(|file| {
            let ask = Ask {
                parts: Arc::clone(&parts),
                file,
                action: Action::Grant,
                upload: None,
                object: None,
            };
            (ask, Step::new(Action::Grant))
        })
        .collect();
    let asking = asks
        .iter()
        .map(|(ask, step)| step.during(permission::ask(core, ask.clone())));
    let permits = join_all(asking).await;
    // Everything is decided before anything begins at the store: a problem of the whole request leaves nothing behind there.
    let mut decided = Vec::with_capacity(asks.len());
    for ((ask, step), permit) in asks.iter().zip(permits) {
        let one = match permit {
            Ok(permit) => step.at_once(|| decide_one(core, step, ask, permit, ways)),
            Err(refused) => Err(refused),
        };
        decided.push(Refused::split(one)?);
    }
    if decided.iter().all(Result::is_err) {
        return Ok(decided
            .into_iter()
            .filter_map(|refused| refused.err().map(Err))
            .collect());
    }
    let signer = Signer::new(core).await?;
    let ways = decided.iter().flatten().map(|(_, decision)| &decision.way);
    let in_parts = ways.filter(|way| matches!(way, Way::Parts(_))).count();
    let window = first_window(core.parts_per_request, in_parts);
    let granting: Vec<_> = decided
        .into_iter()
        .zip(&asks)
        .map(|(decided, (ask, step))| async {
            let (permit, decision) = decided?;
            let granting = grant_with_room(core, &signer, window, ask, &permit, decision);
            step.to_its_end(granting).await
        })
        .collect();
    let granted: Vec<Result<(Grant, Option<Held<'_>>), Refused>> =
        stream::iter(granting).buffered(AT_ONCE).collect().await;
    let mut held = Vec::new();
    let grants: Vec<_> = granted
        .into_iter()
        .map(|granted| {
            Refused::split(granted.map(|(grant, room)| {
                held.extend(room);
                grant
            }))
        })
        .collect();
    let grants: Result<Vec<_>, Problem> = grants.into_iter().collect();
    match grants {
        Ok(_) => quota::granted(held).await?,
        Err(_) => quota::not_granted(held).await,
    }
    grants
}

/// Parts that the first browser connections are busy with.
const AT_LEAST: usize = 8;

/// How many parts' URLs each of `files` gets with its grant. Together they get as many as one request for parts does: a hundred large files
/// would get megabytes of URLs, of which most would expire before they are used.
fn first_window(parts_per_request: u16, files: usize) -> u32 {
    let all = usize::from(parts_per_request);
    let each = (all / files.max(1)).max(AT_LEAST).min(all);
    u32::try_from(each).unwrap_or(parts_per_request.into())
}

fn decide_one(
    core: &Core,
    step: &Step,
    ask: &Ask,
    permit: Permit,
    ways: Ways,
) -> Result<(Permit, Decision), Refused> {
    step.has_size(ask.file.size);
    step.asked_by(permit.subject.as_deref());
    let unique = core
        .environment
        .unique(now(core)?)
        .map_err(|error| internal(&error))?;
    let decision = decide(&core.rules, &permit, ask, &unique, ways)?;
    step.is_of(decision.lasting_key());
    Ok((permit, decision))
}

/// Nothing begins at the store that there is no room for, and no room is held for what did not begin.
async fn grant_with_room<'a>(
    core: &'a Core,
    signer: &Signer<'_>,
    window: u32,
    ask: &Ask,
    permit: &Permit,
    decision: Decision,
) -> Result<(Grant, Option<Held<'a>>), Refused> {
    let held = quota::hold(core, ask, permit, &decision).await?;
    match grant(core, signer, window, ask, permit, decision).await {
        Ok(grant) => Ok((grant, held)),
        Err(refused) => {
            quota::not_granted(held.into_iter().collect()).await;
            Err(refused)
        }
    }
}

async fn grant(
    core: &Core,
    signer: &Signer<'_>,
    window: u32,
    ask: &Ask,
    permit: &Permit,
    decision: Decision,
) -> Result<Grant, Refused> {
    let Decision {
        key,
        final_key,
        way,
        mark,
        overwrite,
        expires_in,
    } = decision;
    let granted = mark.map(|mark| Granted {
        ask,
        permit,
        key: &key,
        final_key,
        mark,
        overwrite,
    });
    match (way, granted, &core.rules.multipart) {
        (Way::Put { headers }, granted, _) => {
            let mut checksums = Checksums::default();
            checksums.content_md5 = core.rules.content_md5;
            let sealed = granted.map(|granted| granted.seal(core, ClaimedWay::Put, checksums));
            let token = sealed.transpose()?;
            let mut grant = signer.put(&key, headers, expires_in)?;
            grant.checksums = checksums;
            grant.token = token;
            Ok(Grant::Put(grant))
        }
        (Way::Post { headers, length }, granted, _) => {
            // A form has no header that could prove its bytes.
            let mut checksums = Checksums::default();
            checksums.md5_at_complete = core.rules.content_md5 && granted.is_some();
            let way = ClaimedWay::Post {
                least: *length.start(),
            };
            let sealed = granted.map(|granted| granted.seal(core, way, checksums));
            let token = sealed.transpose()?;
            let mut grant = signer.post(&key, &headers, length, expires_in)?;
            grant.checksums = checksums;
            grant.token = token;
            Ok(Grant::Post(grant))
        }
        (Way::Parts(upload), Some(granted), Some(rules)) => {
            begin(core, signer, rules, granted, upload, expires_in, window)
                .await
                .map(Grant::Multipart)
        }
        (Way::Parts(_), _, _) => Err(internal(&"parts where none are configured").into()),
    }
}

async fn begin(
    core: &Core,
    signer: &Signer<'_>,
    rules: &MultipartRules,
    granted: Granted<'_>,
    upload: InParts,
    expires_in: Duration,
    window: u32,
) -> Result<MultipartGrant, Refused> {
    let (plan, key) = (upload.plan, granted.key);
    let upload_id = core
        .store
        .create_multipart_upload(now(core)?, key, &upload.headers, rules.crc)
        .await
        .map_err(|error| store_error::refuse("begin an upload", key, &error))?;
    let checksums = checksums(core, rules);
    // The store may have taken its time, and both lives are counted from the answer.
    let window = signer.parts(key, &upload_id, plan, 1, window, expires_in)?;
    let way = ClaimedWay::Parts {
        upload_id,
        part_size: plan.part_size(),
    };
    Ok(MultipartGrant {
        key: key.as_str().to_owned(),
        token: granted.seal(core, way, checksums)?,
        resumable_for: core.rules.resumable_for.as_secs(),
        part_size: plan.part_size(),
        part_count: plan.count().into(),
        parts: window.urls,
        expires_in: window.expires_in,
        checksums,
    })
}

fn checksums(core: &Core, rules: &MultipartRules) -> Checksums {
    let on_parts =
        core.store.capabilities().full_object_checksums() == FullObjectChecksums::WithParts;
    let mut checksums = Checksums::default();
    checksums.content_md5 = core.rules.content_md5;
    checksums.crc = rules.crc;
    checksums.crc_on_parts = rules.crc.is_some() && on_parts;
    checksums
}

#[cfg(test)]
mod tests {
    use super::first_window;

    #[test]
    fn many_files_share_a_window() {
        let each = [0, 1, 2, 12, 13, 100].map(|files| first_window(100, files));
        assert_eq!(each, [100, 100, 50, 8, 8, 8]);
        assert_eq!(first_window(3, 5), 3);
    }
}
