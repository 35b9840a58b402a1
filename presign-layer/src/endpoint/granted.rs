//! What a grant's token says of its upload.

use presign_protocol::{Checksums, Problem};

use super::signer::now;
use crate::authorize::{Ask, Permit};
use crate::core::Core;
use crate::key::ObjectKey;
use crate::problem::internal;
use crate::sealed::Subject;
use crate::token::{ClaimedWay, Claims, kept_name};

/// An upload that is granted and will be asked for again, and whose it is.
pub(super) struct Granted<'a> {
    pub(super) ask: &'a Ask,
    pub(super) permit: &'a Permit,
    /// Where its bytes are sent to.
    pub(super) key: &'a ObjectKey,
    /// Where the object is to stay, if that is elsewhere.
    pub(super) final_key: Option<ObjectKey>,
    /// What its object has in its metadata, and no other object has.
    pub(super) mark: String,
    pub(super) overwrite: bool,
}

impl Granted<'_> {
    /// Its token, whose life is counted from now.
    pub(super) fn seal(
        self,
        core: &Core,
        way: ClaimedWay,
        checksums: Checksums,
    ) -> Result<String, Problem> {
        let file = &self.ask.file;
        let size = file
            .size
            .ok_or_else(|| internal(&"a token for a file of unknown size"))?;
        let claims = Claims {
            mount: core.mount.as_str().to_owned(),
            bucket: core.store.bucket_name().to_owned(),
            key: self.key.as_str().to_owned(),
            final_key: self.final_key.map(ObjectKey::into_string),
            way,
            mark: self.mark,
            name: kept_name(&file.name).to_owned(),
            content_type: file.content_type.clone().unwrap_or_default(),
            size,
            overwrite: self.overwrite,
            checksums,
            subject: self.permit.subject.as_deref().map(Subject::new),
            ends_at: now(core)?
                .saturating_add(core.rules.resumable_for)
                .as_secs(),
        };
        core.token_keys
            .seal(&claims)
            .map_err(|error| internal(&error))
    }
}
