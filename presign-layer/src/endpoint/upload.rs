//! The upload that a token names: what all requests after the grant begin with.

use std::sync::Arc;

use http::request::Parts;

use super::permission;
use super::signer::now;
use crate::authorize::{Action, Ask, FileAsked, UploadAsked};
use crate::core::Core;
use crate::decision::Continued;
use crate::key::ObjectKey;
use crate::plan::Plan;
use crate::problem::Refused;
use crate::token::{Claims, TokenError};

/// An upload that may be continued.
pub(super) struct Upload {
    pub(super) claims: Claims,
    pub(super) key: ObjectKey,
    pub(super) plan: Plan,
    /// What the application's permit leaves.
    pub(super) permitted: Continued,
}

/// Reads the token and asks the application once more.
pub(super) async fn continued(
    core: &Core,
    parts: &Arc<Parts>,
    token: &str,
    action: Action,
) -> Result<Upload, Refused> {
    let refused = |error: TokenError| {
        tracing::debug!(%error, "an upload token is refused");
        Refused::InPlace(error.into())
    };
    let claims = core.token_keys.open(token).map_err(refused)?;
    let now = now(core)?;
    claims
        .check(core.mount.as_str(), core.store.bucket_name(), now)
        .map_err(refused)?;
    // An authentic token has nothing else than what a grant had.
    let key = ObjectKey::new(claims.key.clone()).map_err(|_| refused(TokenError::Invalid))?;
    let plan =
        Plan::of(claims.size, claims.part_size).ok_or_else(|| refused(TokenError::Invalid))?;
    let ask = Ask {
        parts: Arc::clone(parts),
        file: FileAsked {
            name: claims.name.clone(),
            size: Some(claims.size),
            content_type: Some(claims.content_type.clone()),
            metadata: Vec::new(),
        },
        action,
        upload: Some(UploadAsked { key: key.clone() }),
        object: None,
    };
    let permit = permission::ask(core, ask).await?;
    claims
        .check_subject(permit.subject.as_deref())
        .map_err(refused)?;
    let permitted = Continued::new(&core.rules, &permit)?;
    Ok(Upload {
        claims,
        key,
        plan,
        permitted,
    })
}
