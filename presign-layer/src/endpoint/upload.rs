//! The upload that a token names: what all requests after the grant begin with.

use std::sync::Arc;

use http::request::Parts;
use presign_protocol::{ErrorCode, FileError};

use super::permission;
use super::signer::now;
use crate::authorize::{Ask, FileAsked, UploadAsked};
use crate::core::Core;
use crate::decision::Continued;
use crate::key::ObjectKey;
use crate::observe::Step;
use crate::plan::Plan;
use crate::problem::{Refused, file_error};
use crate::token::{ClaimedWay, Claims, TokenError};

/// An upload that may be continued.
pub(super) struct Upload {
    pub(super) claims: Claims,
    /// Where its bytes are sent to.
    pub(super) key: ObjectKey,
    /// Where the object is to stay, if that is elsewhere.
    pub(super) final_key: Option<ObjectKey>,
    pub(super) sent: Sent,
    /// What the application's permit leaves.
    pub(super) permitted: Continued,
    /// Whose it is, as the permit says and the token agrees.
    pub(super) subject: Option<String>,
}

/// How its bytes get to the store.
pub(super) enum Sent {
    /// All in one request.
    Whole,
    InParts(SentInParts),
}

/// An upload that the store has begun.
#[derive(Clone)]
pub(super) struct SentInParts {
    pub(super) upload_id: String,
    pub(super) plan: Plan,
}

impl Upload {
    /// Where the object is to stay.
    pub(super) fn lasting_key(&self) -> &ObjectKey {
        self.final_key.as_ref().unwrap_or(&self.key)
    }

    /// Whether its object may replace another one of its key, by the grant and by what the application says now.
    pub(super) fn may_replace(&self) -> bool {
        self.claims.overwrite && !self.permitted.forbid_overwrite
    }

    /// For what only uploads in parts have.
    pub(super) fn in_parts(&self) -> Result<&SentInParts, FileError> {
        match &self.sent {
            Sent::InParts(upload) => Ok(upload),
            Sent::Whole => Err(file_error(
                ErrorCode::InvalidRequest,
                "This upload goes in one request and has no parts: send the file, then complete the upload.",
            )),
        }
    }
}

fn sent(claims: &Claims) -> Option<Sent> {
    Some(match &claims.way {
        ClaimedWay::Put | ClaimedWay::Post { .. } => Sent::Whole,
        ClaimedWay::Parts {
            upload_id,
            part_size,
        } => Sent::InParts(SentInParts {
            upload_id: upload_id.clone(),
            plan: Plan::of(claims.size, *part_size)?,
        }),
    })
}

/// Reads the token and asks the application once more.
pub(super) async fn continued(
    core: &Core,
    parts: &Arc<Parts>,
    token: &str,
    step: &Step,
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
    let key = |key: &String| ObjectKey::new(key).map_err(|_| refused(TokenError::Invalid));
    let final_key = claims.final_key.as_ref().map(key).transpose()?;
    let key = key(&claims.key)?;
    step.is_of(final_key.as_ref().unwrap_or(&key));
    step.has_size(Some(claims.size));
    let sent = sent(&claims).ok_or_else(|| refused(TokenError::Invalid))?;
    let ask = Ask {
        parts: Arc::clone(parts),
        file: FileAsked {
            name: claims.name.clone(),
            size: Some(claims.size),
            content_type: Some(claims.content_type.clone()),
            metadata: Vec::new(),
        },
        action: step.action(),
        upload: Some(UploadAsked {
            key: final_key.as_ref().unwrap_or(&key).clone(),
        }),
        object: None,
    };
    let permit = permission::ask(core, ask).await?;
    step.asked_by(permit.subject.as_deref());
    claims
        .check_subject(permit.subject.as_deref())
        .map_err(refused)?;
    let permitted = Continued::new(&core.rules, &permit)?;
    Ok(Upload {
        claims,
        key,
        final_key,
        sent,
        permitted,
        subject: permit.subject,
    })
}
