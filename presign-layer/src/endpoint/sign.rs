//! From the files that were asked for to grants: the way that both endpoints share.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use futures_util::stream::{self, StreamExt};
use http::request::Parts;
use presign_protocol::{Checksums, FileError, Grant, MultipartGrant, Problem};

use super::signer::{Signer, now};
use super::{AT_ONCE, permission, store_error};
use crate::authorize::{Action, Ask, FileAsked, Permit};
use crate::core::Core;
use crate::decision::{Decision, InParts, Way, Ways, decide};
use crate::key::ObjectKey;
use crate::policy::MultipartRules;
use crate::problem::{Refused, internal};
use crate::store::FullObjectChecksums;
use crate::token::{Claims, Subject, kept_name};

/// A grant or a refusal for each file, in the same order; or one problem for the whole request.
pub(super) async fn sign(
    core: &Core,
    parts: Parts,
    files: Vec<FileAsked>,
    ways: Ways,
) -> Result<Vec<Result<Grant, FileError>>, Problem> {
    let parts = Arc::new(parts);
    let asks: Vec<Ask> = files
        .into_iter()
        .map(|file| Ask {
            parts: Arc::clone(&parts),
            file,
            action: Action::Grant,
            upload: None,
        })
        .collect();
    let permits = join_all(asks.iter().map(|ask| permission::ask(core, ask.clone()))).await;
    // Everything is decided before anything begins at the store: a problem of the whole request leaves nothing behind there.
    let mut decided = Vec::with_capacity(asks.len());
    for (ask, permit) in asks.iter().zip(permits) {
        decided.push(Refused::split(permit.and_then(|permit| {
            let decision = decide_one(core, ask, &permit, ways)?;
            Ok((ask, permit, decision))
        }))?);
    }
    if decided.iter().all(Result::is_err) {
        return Ok(decided
            .into_iter()
            .filter_map(|refused| refused.err().map(Err))
            .collect());
    }
    let signer = Signer::new(core).await?;
    let ways = decided
        .iter()
        .flatten()
        .map(|(_, _, decision)| &decision.way);
    let in_parts = ways.filter(|way| matches!(way, Way::Parts(_))).count();
    let window = first_window(core.parts_per_request, in_parts);
    let granting: Vec<_> = decided
        .into_iter()
        .map(|decided| grant(core, &signer, window, decided))
        .collect();
    let grants: Vec<Result<Grant, Refused>> =
        stream::iter(granting).buffered(AT_ONCE).collect().await;
    grants.into_iter().map(Refused::split).collect()
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

fn decide_one(core: &Core, ask: &Ask, permit: &Permit, ways: Ways) -> Result<Decision, Refused> {
    let unique = core
        .environment
        .unique(now(core)?)
        .map_err(|error| internal(&error))?;
    decide(&core.rules, permit, ask, &unique, ways).map_err(|error| {
        tracing::debug!(code = %error.code, "an upload is refused");
        error.into()
    })
}

async fn grant(
    core: &Core,
    signer: &Signer<'_>,
    window: u32,
    decided: Result<(&Ask, Permit, Decision), FileError>,
) -> Result<Grant, Refused> {
    let (ask, permit, decision) = decided?;
    let (key, expires_in) = (decision.key, decision.expires_in);
    tracing::debug!(%key, size = ask.file.size, "an upload is granted");
    match (decision.way, &core.rules.multipart) {
        (Way::Put { headers }, _) => Ok(Grant::Put(signer.put(key, headers, expires_in)?)),
        (Way::Post { headers, length }, _) => {
            Ok(Grant::Post(signer.post(key, &headers, length, expires_in)?))
        }
        (Way::Parts(upload), Some(rules)) => {
            let beginning = Beginning {
                ask,
                permit,
                key,
                upload,
                expires_in,
                window,
            };
            begin(core, signer, rules, beginning)
                .await
                .map(Grant::Multipart)
        }
        (Way::Parts(_), None) => Err(internal(&"parts where none are configured").into()),
    }
}

/// An upload in parts that is to begin, and whose.
struct Beginning<'a> {
    ask: &'a Ask,
    permit: Permit,
    key: ObjectKey,
    upload: InParts,
    expires_in: Duration,
    /// Parts whose URLs come with the grant.
    window: u32,
}

async fn begin(
    core: &Core,
    signer: &Signer<'_>,
    rules: &MultipartRules,
    beginning: Beginning<'_>,
) -> Result<MultipartGrant, Refused> {
    let Beginning {
        ask,
        permit,
        key,
        upload,
        expires_in,
        window,
    } = beginning;
    let plan = upload.plan;
    let upload_id = core
        .store
        .create_multipart_upload(now(core)?, &key, &upload.headers, rules.crc)
        .await
        .map_err(|error| store_error::refuse("begin an upload", &key, &error))?;
    // The store may have taken its time, and both lives are counted from the answer.
    let ends_at = now(core)?.saturating_add(rules.resumable_for).as_secs();
    let checksums = checksums(core, rules);
    let claims = Claims {
        mount: core.mount.as_str().to_owned(),
        bucket: core.store.bucket_name().to_owned(),
        key: key.as_str().to_owned(),
        mark: upload.mark,
        name: kept_name(&ask.file.name).to_owned(),
        content_type: ask.file.content_type.clone().unwrap_or_default(),
        size: plan.size(),
        part_size: plan.part_size(),
        overwrite: upload.overwrite,
        checksums,
        subject: permit.subject.as_deref().map(Subject::new),
        ends_at,
        upload_id,
    };
    let token = core
        .token_keys
        .seal(&claims)
        .map_err(|error| internal(&error))?;
    let window = signer.parts(&key, &claims.upload_id, plan, 1, window, expires_in)?;
    Ok(MultipartGrant {
        key: key.into_string(),
        token,
        resumable_for: rules.resumable_for.as_secs(),
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
