//! `GET P/download?key=`: the presigned URL of an object that is there.

mod query;
mod served;

use std::sync::Arc;

use http::HeaderValue;
use http::request::Parts;
use presign_protocol::{DownloadResponse, ErrorCode};

use super::signer::{Signer, now};
use super::{media, permission, store_error};
use crate::answer::{self, Answer};
use crate::authorize::{Action, Ask, FileAsked, ObjectAsked};
use crate::core::Core;
use crate::decision;
use crate::observe::Step;
use crate::problem::{Refused, file_error, internal};
pub(super) use served::Served;

/// A redirect to the URL, or the URL as JSON, whichever `Accept` prefers.
pub(crate) async fn answer(core: &Core, parts: Parts) -> Answer {
    let as_json = media::prefers_json(&parts.headers);
    let step = Step::new(Action::Download);
    let signed = step.to_its_end(signed(core, parts, &step)).await;
    answer::vary_by_accept(match signed {
        Ok(signed) if as_json => answer::json(&signed),
        Ok(signed) => match HeaderValue::try_from(signed.url) {
            Ok(location) => answer::found(location),
            Err(error) => answer::problem(&internal(&error)),
        },
        Err(refused) => answer::problem(&refused.into_problem()),
    })
}

async fn signed(core: &Core, parts: Parts, step: &Step) -> Result<DownloadResponse, Refused> {
    let asked = query::read(parts.uri.query())?;
    let key = asked.key;
    step.is_of(&key);
    let ask = Ask {
        parts: Arc::new(parts),
        file: FileAsked {
            name: asked.name.clone(),
            size: None,
            content_type: None,
            metadata: Vec::new(),
        },
        action: step.action(),
        upload: None,
        object: Some(ObjectAsked { key: key.clone() }),
    };
    let permit = permission::ask(core, ask).await?;
    step.asked_by(permit.subject.as_deref());
    let expires_in = decision::download(&core.rules, &permit, &key)?;
    let not_found = || file_error(ErrorCode::ObjectNotFound, "The store has no such object.");
    // What is pending was not verified yet.
    let pending = core.rules.pending.as_ref();
    if pending.is_some_and(|prefix| prefix.covers(&key)) {
        return Err(not_found().into());
    }
    // Nothing is signed for what is not there: a URL would be good for whatever comes there later.
    let head = core
        .store
        .head_object(now(core)?, &key)
        .await
        .map_err(|error| store_error::refuse("describe an object", &key, &error))?
        .ok_or_else(not_found)?;
    step.has_size(Some(head.size));
    let served = Served::new(asked.disposition, &asked.name, &head.content_type);
    let signer = Signer::reading(core).await?;
    Ok(signer.get(&key, &served, expires_in)?)
}
