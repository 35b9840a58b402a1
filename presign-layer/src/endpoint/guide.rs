//! `GET P?name=`: the guide's endpoint.

use http::request::Parts;
use presign_protocol::{Grant, Problem, PutGrant};

use super::{media, query, sign};
use crate::answer::{self, Answer};
use crate::core::Core;
use crate::decision::Ways;
use crate::observe;
use crate::problem::{internal, whole};

/// The presigned URL alone as text, or the grant with the headers to send as JSON, whichever `Accept` prefers.
pub(crate) async fn answer(core: &Core, parts: Parts) -> Answer {
    let as_json = media::prefers_json(&parts.headers);
    answer::vary_by_accept(match put(core, parts).await {
        Ok(grant) if as_json => answer::json(&Grant::Put(grant)),
        Ok(PutGrant { url, .. }) => answer::text(url),
        Err(problem) => answer::problem(&problem),
    })
}

async fn put(core: &Core, parts: Parts) -> Result<PutGrant, Problem> {
    let file = query::read(parts.uri.query())?;
    let size = file.size;
    let mut grants = sign::sign(core, parts, vec![file], Ways::PutAlone).await?;
    let grant = grants.pop().transpose().map_err(whole)?;
    if let Some(grant) = &grant {
        observe::granted(grant, size);
    }
    match grant {
        Some(Grant::Put(grant)) => Ok(grant),
        Some(_) | None => Err(internal(&"no PUT for the one file asked for")),
    }
}
