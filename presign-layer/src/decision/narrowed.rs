use std::time::Duration;

use mediatype::MediaType;
use presign_protocol::{ErrorCode, FileError, MAX_PUT_SIZE};

use super::Ways;
use crate::authorize::{FileAsked, Permit};
use crate::key::ObjectKey;
use crate::policy::{ContentTypes, Rules};
use crate::problem::file_error;

/// The policy as the application's permit narrows it for one file.
#[derive(Debug)]
pub(super) struct Narrowed<'a> {
    pub(super) rules: &'a Rules,
    pub(super) permit: &'a Permit,
    /// Without a slash at its end.
    pub(super) key_prefix: Option<ObjectKey>,
    max_size: Option<u64>,
    /// Every one of them must allow the type.
    types: Vec<ContentTypes>,
    pub(super) overwrite: bool,
    pub(super) expires_in: Duration,
}

impl<'a> Narrowed<'a> {
    pub(super) fn new(rules: &'a Rules, permit: &'a Permit) -> Result<Self, FileError> {
        let mut types: Vec<ContentTypes> = rules.types.iter().cloned().collect();
        if let Some(patterns) = &permit.types {
            types.extend(ContentTypes::parse(patterns).map_err(|error| permit_is_wrong(&error))?);
        }
        let continued = Continued::new(rules, permit)?;
        Ok(Self {
            rules,
            permit,
            key_prefix: key_prefix(permit)?,
            max_size: [rules.max_size, permit.max_size]
                .into_iter()
                .flatten()
                .min(),
            types,
            overwrite: rules.overwrite && !continued.forbid_overwrite,
            expires_in: continued.expires_in,
        })
    }

    /// Whoever is given a URL alone has nothing to complete the upload with.
    pub(super) fn check_way(&self, ways: Ways) -> Result<(), FileError> {
        if ways == Ways::Any || self.rules.pending.is_none() {
            return Ok(());
        }
        Err(file_error(
            ErrorCode::InvalidRequest,
            "Uploads here have their key only once they are completed, which a URL alone cannot be: use `POST`.",
        ))
    }

    /// A URL alone, with nothing signed, is given only where nothing is demanded. Otherwise size and type must be known.
    pub(super) fn check_complete(&self, file: &FileAsked) -> Result<(), FileError> {
        let complete = file.size.is_some() && file.content_type.is_some();
        if complete || self.demands_nothing() {
            return Ok(());
        }
        Err(file_error(
            ErrorCode::SizeAndTypeRequired,
            "Uploads here are held to what is signed, so a name alone is not enough: add `size` (bytes) and `type` (the content type, \
             may be empty) to the query, with `Accept: application/json` to be told the headers to send, or use `POST`.",
        ))
    }

    fn demands_nothing(&self) -> bool {
        self.rules.min_size == 0
            && self.max_size.is_none()
            && self.types.is_empty()
            && self.overwrite
            && self.rules.object_headers.is_empty()
            && self.rules.disposition.is_none()
            && self.rules.metadata.is_empty()
            && self.permit.metadata.is_empty()
    }

    pub(super) fn check_size(&self, size: Option<u64>, ways: Ways) -> Result<(), FileError> {
        let Some(size) = size else {
            return Ok(());
        };
        let carried = match ways {
            Ways::PutAlone => MAX_PUT_SIZE,
            Ways::Any => self.rules.most(),
        };
        let max = self.max_size.unwrap_or(carried).min(carried);
        if size > max {
            let mut error = file_error(
                ErrorCode::FileTooLarge,
                format!("The file has {size} bytes; at most {max} are allowed."),
            );
            error.extensions.max_size = Some(max);
            return Err(error);
        }
        let min = self.rules.min_size;
        if size < min {
            let mut error = file_error(
                ErrorCode::FileTooSmall,
                format!("The file has {size} bytes; at least {min} are expected."),
            );
            error.extensions.min_size = Some(min);
            return Err(error);
        }
        Ok(())
    }

    pub(super) fn check_type(&self, content_type: Option<&str>) -> Result<(), FileError> {
        let Some(content_type) = content_type else {
            return Ok(());
        };
        let media_type = MediaType::parse(content_type).ok();
        let refusing = self.types.iter().find(|types| {
            !media_type
                .as_ref()
                .is_some_and(|media_type| types.allow(media_type))
        });
        let Some(refusing) = refusing else {
            return Ok(());
        };
        let allowed = refusing.list();
        let mut error = file_error(
            ErrorCode::TypeNotAllowed,
            format!(
                "The file is of type {content_type}; allowed are: {}.",
                allowed.join(", ")
            ),
        );
        error.extensions.types = Some(allowed);
        Err(error)
    }
}

/// As much of a permit as still counts when an upload that was granted is continued.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Continued {
    pub(crate) expires_in: Duration,
    pub(crate) forbid_overwrite: bool,
}

impl Continued {
    pub(crate) fn new(rules: &Rules, permit: &Permit) -> Result<Self, FileError> {
        let expires_in = permit
            .expires_in
            .map_or(rules.expires_in, |narrower| narrower.min(rules.expires_in));
        if expires_in < Duration::from_secs(1) {
            return Err(permit_is_wrong(&"it expires in less than a second"));
        }
        if permit.forbid_overwrite && !rules.conditional_writes {
            return Err(permit_is_wrong(
                &"it forbids overwriting, and the store is configured without conditional writes",
            ));
        }
        Ok(Self {
            expires_in,
            forbid_overwrite: permit.forbid_overwrite,
        })
    }
}

/// An empty prefix is no less wrong than `../x`: an application that names one means to keep users apart, and with nothing there
/// everybody would reach everything.
pub(super) fn key_prefix(permit: &Permit) -> Result<Option<ObjectKey>, FileError> {
    let Some(prefix) = &permit.key_prefix else {
        return Ok(None);
    };
    ObjectKey::new(prefix.trim_end_matches('/'))
        .map(Some)
        .map_err(|error| permit_is_wrong(&format!("its key prefix `{prefix}`: {error}")))
}

/// The application's hook answered with something that cannot be kept. That is for its log, not for strangers.
pub(crate) fn permit_is_wrong(error: &dyn std::fmt::Display) -> FileError {
    tracing::error!(%error, "the authorization hook's permit cannot be kept");
    file_error(
        ErrorCode::Internal,
        "The server failed; its log says why. Try again later.",
    )
}
