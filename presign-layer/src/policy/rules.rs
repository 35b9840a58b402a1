use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use presign_protocol::{Limits, MAX_OBJECT_SIZE, MAX_PUT_SIZE};

use super::{
    ContentTypes, Disposition, MAX_EXPIRY, MultipartRules, PatternError, PendingPrefix, Policy,
    PolicyError, PostRules, header_value, metadata,
};
use crate::key::KeyStrategy;
use crate::store::Capabilities;

const STORAGE_CLASS: &str = "x-amz-storage-class";

/// A [`Policy`] that has been checked, in the form that decisions are made from.
#[derive(Clone, Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own, by its name"
)]
pub(crate) struct Rules {
    pub(crate) min_size: u64,
    /// `None`: whatever the store can take.
    pub(crate) max_size: Option<u64>,
    /// `None`: any type.
    pub(crate) types: Option<ContentTypes>,
    pub(crate) expires_in: Duration,
    pub(crate) key: KeyStrategy,
    pub(crate) overwrite: bool,
    /// Headers that are the same for every object, metadata apart.
    pub(crate) object_headers: Vec<(&'static str, String)>,
    pub(crate) disposition: Option<Disposition>,
    /// Whether a browser may show what it runs scripts of.
    pub(crate) active_inline: bool,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) client_metadata: BTreeSet<String>,
    pub(crate) max_files: usize,
    /// Whether the arrival of what goes in one request is verified; of what goes in parts it always is.
    pub(crate) verified: bool,
    /// Whether the first bytes of what arrives are compared with its type.
    pub(crate) check_content: bool,
    /// How long a token lives.
    pub(crate) resumable_for: Duration,
    /// `None`: no file goes in parts.
    pub(crate) multipart: Option<MultipartRules>,
    /// `None`: no file goes as a form.
    pub(crate) post: Option<PostRules>,
    pub(crate) content_md5: bool,
    /// Where files are sent to first; `None`: to where they stay.
    pub(crate) pending: Option<PendingPrefix>,
    /// Whether the store refuses every upload whose key is taken, whichever way it comes.
    pub(crate) conditional_writes: bool,
}

impl Rules {
    pub(crate) fn check(policy: Policy, store: Capabilities) -> Result<Self, PolicyError> {
        check_expiry(policy.expires_in)?;
        let most = if policy.single_put_only {
            MAX_PUT_SIZE
        } else {
            MAX_OBJECT_SIZE
        };
        let max = policy.max_size.unwrap_or(most).min(most);
        if policy.min_size > max {
            return Err(PolicyError::Sizes {
                min: policy.min_size,
                max,
            });
        }
        if policy.max_files == 0 {
            return Err(PolicyError::MaxFiles);
        }
        if policy.check_content && !policy.verified {
            return Err(PolicyError::ContentUnverified);
        }
        let types = match &policy.types {
            None => None,
            Some(patterns) => ContentTypes::parse(patterns)
                .map_err(|PatternError(given)| PolicyError::ContentType { given })?,
        };
        let multipart = MultipartRules::check(&policy, max)?;
        let post = PostRules::of(&policy, multipart.as_ref());
        let pending = pending(&policy)?;
        let conditional_writes = if pending.is_some() {
            store.conditional_copy() || store.conditional_complete()
        } else {
            store.conditional_put() && (multipart.is_none() || store.conditional_complete())
        };
        let object_headers = object_headers(&policy)?;
        let metadata = fixed_metadata(&policy.metadata)?;
        let client_metadata = client_metadata(&policy.client_metadata, &metadata)?;
        Ok(Self {
            min_size: policy.min_size,
            max_size: policy.max_size,
            types,
            expires_in: policy.expires_in,
            key: policy.key,
            overwrite: policy.overwrite,
            object_headers,
            disposition: policy.disposition,
            active_inline: policy.active_inline,
            metadata,
            client_metadata,
            max_files: policy.max_files,
            verified: policy.verified,
            check_content: policy.check_content,
            resumable_for: policy.resumable_for,
            multipart,
            post,
            content_md5: policy.content_md5,
            pending,
            conditional_writes,
        })
    }

    /// Whether there are uploads that something is known of after their grant.
    pub(crate) fn has_tokens(&self) -> bool {
        self.verified || self.multipart.is_some()
    }

    /// The most bytes that a file can have, by the policy and by what carries it.
    pub(crate) fn most(&self) -> u64 {
        // Without a limit in the policy there is always a file large enough to go in parts, unless none may.
        let most = if self.multipart.is_some() {
            MAX_OBJECT_SIZE
        } else {
            MAX_PUT_SIZE
        };
        self.max_size.unwrap_or(most).min(most)
    }

    /// What `GET P/limits` answers.
    pub(crate) fn limits(&self) -> Limits {
        let multipart = self.multipart.as_ref();
        Limits {
            min_size: self.min_size,
            max_size: self.most(),
            types: self.types.as_ref().map(ContentTypes::list),
            max_files: self.max_files,
            metadata: self.client_metadata.iter().cloned().collect(),
            expires_in: self.expires_in.as_secs(),
            multipart_threshold: multipart.map(|rules| rules.threshold),
            part_size: multipart.map(|rules| rules.part_size),
            post_below: self.post.map(|rules| rules.below),
        }
    }

    /// Whether every grant sends to a key of its own, so that there is nothing to overwrite but what the same grant stored.
    pub(crate) fn keys_are_unique(&self) -> bool {
        self.pending.is_some() || matches!(self.key, KeyStrategy::UniqueName)
    }

    /// The headers of [`object_headers`](Self::object_headers) that an object has by which it is sent with: all of them, but that what is pending
    /// has no storage class, which may cost for a month what is there for a second.
    pub(crate) fn sent_headers(&self) -> impl Iterator<Item = &(&'static str, String)> {
        let headers = self.object_headers.iter();
        headers.filter(|(name, _)| self.pending.is_none() || *name != STORAGE_CLASS)
    }

    /// The headers that a copy has to be told, because it does not take them with it.
    pub(crate) fn copy_headers(&self) -> BTreeMap<String, String> {
        let headers = self.object_headers.iter();
        headers
            .filter(|(name, _)| name.starts_with("x-amz-"))
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect()
    }
}

fn pending(policy: &Policy) -> Result<Option<PendingPrefix>, PolicyError> {
    let Some(prefix) = &policy.pending_prefix else {
        return Ok(None);
    };
    if !policy.verified {
        return Err(PolicyError::PendingUnverified);
    }
    PendingPrefix::check(prefix).map(Some)
}

fn check_expiry(given: Duration) -> Result<(), PolicyError> {
    if given < Duration::from_secs(1) || given > MAX_EXPIRY || given.subsec_nanos() != 0 {
        return Err(PolicyError::Expiry { given });
    }
    Ok(())
}

fn object_headers(policy: &Policy) -> Result<Vec<(&'static str, String)>, PolicyError> {
    let mut headers = Vec::new();
    headers.extend(
        policy
            .cache_control
            .clone()
            .map(|value| ("cache-control", value)),
    );
    headers.extend(
        policy
            .storage_class
            .clone()
            .map(|class| (STORAGE_CLASS, class)),
    );
    headers.extend(
        policy
            .encryption
            .iter()
            .flat_map(super::Encryption::headers),
    );
    for (name, value) in &headers {
        header_value::check(value).map_err(|error| PolicyError::Header {
            name,
            reason: error.to_string(),
        })?;
    }
    Ok(headers)
}

fn fixed_metadata(pairs: &[(String, String)]) -> Result<BTreeMap<String, String>, PolicyError> {
    let mut checked = BTreeMap::new();
    for (given, value) in pairs {
        let name = metadata::name(given)?;
        let value = metadata::value(given, value)?;
        if checked.insert(name, value).is_some() {
            return Err(metadata::MetadataError::Twice(given.clone()).into());
        }
    }
    metadata::check_length(
        checked
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    )?;
    Ok(checked)
}

fn client_metadata(
    names: &[String],
    fixed: &BTreeMap<String, String>,
) -> Result<BTreeSet<String>, PolicyError> {
    let mut allowed = BTreeSet::new();
    for given in names {
        let name = metadata::name(given)?;
        if fixed.contains_key(&name) {
            return Err(metadata::MetadataError::Twice(given.clone()).into());
        }
        allowed.insert(name);
    }
    Ok(allowed)
}
