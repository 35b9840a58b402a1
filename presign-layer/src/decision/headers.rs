use std::collections::BTreeMap;

use presign_protocol::{ErrorCode, FileError};

use super::narrowed::{Narrowed, permit_is_wrong};
use crate::authorize::FileAsked;
use crate::content::is_active;
use crate::key::sanitize;
use crate::policy::metadata::{self, MetadataError};
use crate::policy::{Disposition, Rules};
use crate::problem::{excerpt, file_error};
use crate::store::MARK;

/// Every header of one PUT except `host`, by lower-case name: what is signed, and what the client is told to send.
pub(super) fn of_put(
    mut of_object: BTreeMap<String, String>,
    narrowed: &Narrowed<'_>,
    size: Option<u64>,
) -> BTreeMap<String, String> {
    let mut add = |name: &str, value: String| of_object.insert(name.to_owned(), value);
    if let Some(size) = size {
        add("content-length", size.to_string());
    }
    // Nobody else has a pending key; what has the file's own one is a matter of the copy.
    if !narrowed.overwrite && narrowed.rules.pending.is_none() {
        add("if-none-match", "*".to_owned());
    }
    of_object
}

/// What is stored with the object, whichever way it comes; `mark` is for one whose arrival is verified.
pub(super) fn of_object(
    narrowed: &Narrowed<'_>,
    file: &FileAsked,
    content_type: Option<String>,
    mark: Option<&str>,
) -> Result<BTreeMap<String, String>, FileError> {
    let mut headers = BTreeMap::new();
    let mut add = |name: &str, value: String| headers.insert(name.to_owned(), value);
    let disposition = disposition(narrowed.rules, content_type.as_deref());
    if let Some(content_type) = content_type {
        add("content-type", content_type);
    }
    if let Some(disposition) = disposition {
        add(
            "content-disposition",
            disposition.header(&sanitize(&file.name)),
        );
    }
    for (name, value) in narrowed.rules.sent_headers() {
        add(name, value.clone());
    }
    for (name, value) in merged_metadata(narrowed, file, mark)? {
        add(&format!("{}{name}", metadata::PREFIX), value);
    }
    Ok(headers)
}

/// What scripts may run in is saved, not shown, unless the policy says otherwise.
fn disposition(rules: &Rules, content_type: Option<&str>) -> Option<Disposition> {
    if !rules.active_inline && content_type.is_some_and(is_active) {
        return Some(Disposition::Attachment);
    }
    rules.disposition
}

/// The client's metadata, the policy's over it, the permit's over both, and the mark over all.
fn merged_metadata(
    narrowed: &Narrowed<'_>,
    file: &FileAsked,
    mark: Option<&str>,
) -> Result<BTreeMap<String, String>, FileError> {
    let mut merged = client_metadata(narrowed, file)?;
    merged.extend(narrowed.rules.metadata.clone());
    for (name, value) in &narrowed.permit.metadata {
        let name = metadata::name(name).map_err(|error| permit_is_wrong(&error))?;
        let value = metadata::value(&name, value).map_err(|error| permit_is_wrong(&error))?;
        merged.insert(name, value);
    }
    if let Some(mark) = mark {
        let name = MARK.strip_prefix(metadata::PREFIX).unwrap_or(MARK);
        merged.insert(name.to_owned(), mark.to_owned());
    }
    metadata::check_length(
        merged
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    )
    .map_err(|error| invalid(&error))?;
    Ok(merged)
}

fn client_metadata(
    narrowed: &Narrowed<'_>,
    file: &FileAsked,
) -> Result<BTreeMap<String, String>, FileError> {
    let mut checked = BTreeMap::new();
    for (given, value) in &file.metadata {
        let name = metadata::name(given).map_err(|error| invalid(&error))?;
        if !narrowed.rules.client_metadata.contains(&name) {
            return Err(not_allowed(narrowed, &name));
        }
        let value = metadata::value(&name, value).map_err(|error| invalid(&error))?;
        if checked.insert(name, value).is_some() {
            return Err(invalid(&MetadataError::Twice(given.clone())));
        }
    }
    Ok(checked)
}

fn not_allowed(narrowed: &Narrowed<'_>, name: &str) -> FileError {
    let allowed: Vec<&str> = narrowed
        .rules
        .client_metadata
        .iter()
        .map(String::as_str)
        .collect();
    let expected = if allowed.is_empty() {
        "no metadata may be set".to_owned()
    } else {
        format!("allowed are: {}", allowed.join(", "))
    };
    file_error(
        ErrorCode::MetadataNotAllowed,
        format!("Metadata `{}` may not be set; {expected}.", excerpt(name)),
    )
}

fn invalid(error: &MetadataError) -> FileError {
    file_error(
        ErrorCode::InvalidMetadata,
        format!(
            "The metadata cannot be stored: {}.",
            excerpt(&error.to_string())
        ),
    )
}
