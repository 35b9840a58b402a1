//! `GET P?name=`: the guide's endpoint.

use http::request::Parts;

use super::{media, query, sign};
use crate::answer::{self, Answer};
use crate::core::Core;
use crate::problem::whole;

/// The presigned URL alone as text, or the grant with the headers to send as JSON, whichever `Accept` prefers.
pub(crate) async fn answer(core: &Core, parts: Parts) -> Answer {
    let as_json = media::prefers_json(&parts.headers);
    let granted = match query::read(parts.uri.query()) {
        Ok(file) => sign::sign(core, parts, vec![file]).await,
        Err(problem) => Err(problem),
    };
    let granted = granted.and_then(|mut grants| match grants.pop() {
        Some(grant) => grant.map_err(whole),
        None => Err(crate::problem::internal(
            &"no answer to the one file asked for",
        )),
    });
    answer::vary_by_accept(match granted {
        Ok(grant) if as_json => answer::json(&presign_protocol::Grant::Put(grant)),
        Ok(grant) => answer::text(grant.url),
        Err(problem) => answer::problem(&problem),
    })
}
