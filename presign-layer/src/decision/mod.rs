//! May this file be uploaded, and if so, under which key and with which signed headers? Pure: no I/O, no clock.

mod content_type;
mod download;
mod headers;
mod narrowed;

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

use presign_protocol::{ErrorCode, FileError};

use crate::authorize::{Ask, Permit};
use crate::key::ObjectKey;
use crate::plan::Plan;
use crate::policy::{PostLength, Rules};
use crate::problem::file_error;
use crate::store;
pub(crate) use content_type::{UNKNOWN as UNKNOWN_TYPE, stored as stored_type};
pub(crate) use download::download;
use narrowed::Narrowed;
pub(crate) use narrowed::{Continued, permit_is_wrong};

/// A yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decision {
    /// Where its bytes are sent to.
    pub(crate) key: ObjectKey,
    /// Where the object is to stay, if that is elsewhere.
    pub(crate) final_key: Option<ObjectKey>,
    pub(crate) way: Way,
    /// What the object has in its metadata, and no other object has. `None` where nobody looks whether it has arrived.
    pub(crate) mark: Option<String>,
    pub(crate) overwrite: bool,
    pub(crate) expires_in: Duration,
}

impl Decision {
    /// Where the object is to stay.
    pub(crate) fn lasting_key(&self) -> &ObjectKey {
        self.final_key.as_ref().unwrap_or(&self.key)
    }
}

/// How a file gets to the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// In one PUT.
    Put {
        /// Every header to sign except `host`, by lower-case name.
        headers: BTreeMap<String, String>,
    },
    /// In one form.
    Post {
        /// What is stored with the object, by lower-case name.
        headers: BTreeMap<String, String>,
        /// Bytes that the file may have.
        length: RangeInclusive<u64>,
    },
    /// In parts.
    Parts(InParts),
}

/// An upload in parts, as it is to begin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InParts {
    pub(crate) plan: Plan,
    /// What is stored with the object, by lower-case name.
    pub(crate) headers: BTreeMap<String, String>,
}

/// Which ways an endpoint can answer with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ways {
    /// A URL alone is one PUT.
    PutAlone,
    Any,
}

/// Decides on one file that the application permits. `unique` is a fresh UUIDv7.
pub(crate) fn decide(
    rules: &Rules,
    permit: &Permit,
    ask: &Ask,
    unique: &str,
    ways: Ways,
) -> Result<Decision, FileError> {
    let narrowed = Narrowed::new(rules, permit)?;
    if ask.file.name.trim().is_empty() {
        return Err(file_error(
            ErrorCode::InvalidName,
            "The file has no name; expected one such as `photo.png`.",
        ));
    }
    let content_type = content_type::declared(ask.file.content_type.as_deref())?;
    narrowed.check_way(ways)?;
    narrowed.check_complete(&ask.file)?;
    narrowed.check_size(ask.file.size, ways)?;
    narrowed.check_type(content_type.as_deref())?;
    let Keys { key, final_key } = keys(&narrowed, ask, unique)?;
    let plan = match (ways, ask.file.size, &rules.multipart) {
        (Ways::Any, Some(size), Some(multipart)) => multipart.plan(size),
        _ => None,
    };
    let is_verified = plan.is_some() || (rules.verified && ways == Ways::Any);
    let mark = is_verified.then(|| unique.to_owned());
    let headers = headers::of_object(&narrowed, &ask.file, content_type, mark.as_deref())?;
    let form = match (ways, ask.file.size) {
        (Ways::Any, Some(size)) => form(&narrowed, size, &key, &headers),
        _ => None,
    };
    let way = match (plan, form) {
        (Some(plan), _) => Way::Parts(InParts { plan, headers }),
        (None, Some(length)) => Way::Post { headers, length },
        (None, None) => Way::Put {
            headers: headers::of_put(headers, &narrowed, ask.file.size),
        },
    };
    Ok(Decision {
        key,
        final_key,
        way,
        mark,
        overwrite: narrowed.overwrite,
        expires_in: narrowed.expires_in,
    })
}

/// Bytes that a form's file may have, if the file is to go as one: small enough, with nothing to overwrite that a form could not leave alone, and
/// with no text that a store would change.
fn form(
    narrowed: &Narrowed<'_>,
    size: u64,
    key: &ObjectKey,
    headers: &BTreeMap<String, String>,
) -> Option<RangeInclusive<u64>> {
    let rules = narrowed.rules;
    let post = rules.post.filter(|post| size < post.below)?;
    let may = narrowed.overwrite || rules.keys_are_unique();
    if !may || !store::can_carry(key, headers) {
        return None;
    }
    Some(match post.length {
        PostLength::Exact => size..=size,
        PostLength::Ranged => rules.min_size..=size,
    })
}

/// As of [`Decision`].
struct Keys {
    key: ObjectKey,
    final_key: Option<ObjectKey>,
}

fn keys(narrowed: &Narrowed<'_>, ask: &Ask, unique: &str) -> Result<Keys, FileError> {
    let key = own_key(narrowed, ask, unique)?;
    let Some(prefix) = &narrowed.rules.pending else {
        return Ok(Keys {
            key,
            final_key: None,
        });
    };
    if prefix.covers(&key) {
        return Err(file_error(
            ErrorCode::InvalidKey,
            format!(
                "The file cannot be stored under this name: what begins with `{}` is not complete yet, and is removed some day.",
                prefix.as_str()
            ),
        ));
    }
    Ok(Keys {
        key: checked(prefix.key(unique))?,
        final_key: Some(key),
    })
}

fn own_key(narrowed: &Narrowed<'_>, ask: &Ask, unique: &str) -> Result<ObjectKey, FileError> {
    let name = narrowed.rules.key.name(ask, unique);
    let key = match &narrowed.key_prefix {
        None => name,
        Some(prefix) => format!("{prefix}/{name}"),
    };
    checked(key)
}

fn checked(key: String) -> Result<ObjectKey, FileError> {
    ObjectKey::new(key).map_err(|error| {
        file_error(
            ErrorCode::InvalidKey,
            format!("The file cannot be stored under this name: {error}."),
        )
    })
}
