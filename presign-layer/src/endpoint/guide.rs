//! `GET P?name=`: the guide's endpoint.

use http::request::Parts;
use presign_protocol::{Grant, PutGrant};

use super::{media, query, sign};
use crate::answer::{self, Answer};
use crate::core::Core;
use crate::decision::Ways;
use crate::problem::{internal, whole};

/// The presigned URL alone as text, or the grant with the headers to send as JSON, whichever `Accept` prefers.
pub(crate) async fn answer(core: &Core, parts: Parts) -> Answer {
    let as_json = media::prefers_json(&parts.headers);
    let granted = match query::read(parts.uri.query()) {
        Ok(file) => sign::sign(core, parts, vec![file], Ways::PutAlone).await,
        Err(problem) => Err(problem),
    };
    let granted = granted.and_then(|mut grants| match grants.pop() {
        Some(Ok(Grant::Put(grant))) => Ok(grant),
        Some(Err(error)) => Err(whole(error)),
        Some(Ok(_)) | None => Err(internal(&"no PUT for the one file asked for")),
    });
    answer::vary_by_accept(match granted {
        Ok(grant) if as_json => answer::json(&Grant::Put(grant)),
        Ok(PutGrant { url, .. }) => answer::text(url),
        Err(problem) => answer::problem(&problem),
    })
}
