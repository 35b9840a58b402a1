use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use presign_protocol::{Limits, MAX_PUT_SIZE};

use super::{
    ContentTypes, Disposition, MAX_EXPIRY, PatternError, Policy, PolicyError, header_value,
    metadata,
};
use crate::key::KeyStrategy;

/// A [`Policy`] that has been checked, in the form that decisions are made from.
#[derive(Clone, Debug)]
pub(crate) struct Rules {
    pub(crate) min_size: u64,
    /// `None`: only what one PUT can carry.
    pub(crate) max_size: Option<u64>,
    /// `None`: any type.
    pub(crate) types: Option<ContentTypes>,
    pub(crate) expires_in: Duration,
    pub(crate) key: KeyStrategy,
    pub(crate) overwrite: bool,
    /// Headers that are the same for every object, metadata apart.
    pub(crate) object_headers: Vec<(&'static str, String)>,
    pub(crate) disposition: Option<Disposition>,
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) client_metadata: BTreeSet<String>,
    pub(crate) max_files: usize,
}

impl Rules {
    pub(crate) fn check(policy: Policy) -> Result<Self, PolicyError> {
        check_expiry(policy.expires_in)?;
        let max = policy.max_size.unwrap_or(MAX_PUT_SIZE).min(MAX_PUT_SIZE);
        if policy.min_size > max {
            return Err(PolicyError::Sizes {
                min: policy.min_size,
                max,
            });
        }
        if policy.max_files == 0 {
            return Err(PolicyError::MaxFiles);
        }
        let types = match &policy.types {
            None => None,
            Some(patterns) => ContentTypes::parse(patterns)
                .map_err(|PatternError(given)| PolicyError::ContentType { given })?,
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
            metadata,
            client_metadata,
            max_files: policy.max_files,
        })
    }

    /// What `GET P/limits` answers.
    pub(crate) fn limits(&self) -> Limits {
        Limits {
            min_size: self.min_size,
            max_size: self.max_size.unwrap_or(MAX_PUT_SIZE).min(MAX_PUT_SIZE),
            types: self.types.as_ref().map(ContentTypes::list),
            max_files: self.max_files,
            metadata: self.client_metadata.iter().cloned().collect(),
            expires_in: self.expires_in.as_secs(),
            multipart_threshold: None,
            part_size: None,
        }
    }
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
            .map(|class| ("x-amz-storage-class", class)),
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
