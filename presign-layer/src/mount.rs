//! Which path the endpoints are mounted at, and which endpoint a request's path means.

use std::fmt;

use presign_protocol::{
    ABORT_PATH, COMPLETE_PATH, DOWNLOAD_PATH, LIMITS_PATH, PARTS_PATH, RESUME_PATH,
};

/// The mount point: empty for the root, otherwise `/` and at least one character, without a slash at the end.
#[derive(Clone, Debug)]
pub(crate) struct Mount(String);

/// What a path at or below the mount point means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    /// The mount point itself.
    Grant,
    Limits,
    Parts,
    Resume,
    Complete,
    Abort,
    Download,
    #[cfg(feature = "openapi")]
    OpenApi,
    Unknown,
}

/// What is below the mount point.
const BELOW: &[(&str, Route)] = &[
    (LIMITS_PATH, Route::Limits),
    (PARTS_PATH, Route::Parts),
    (RESUME_PATH, Route::Resume),
    (COMPLETE_PATH, Route::Complete),
    (ABORT_PATH, Route::Abort),
    (DOWNLOAD_PATH, Route::Download),
    #[cfg(feature = "openapi")]
    (presign_protocol::OPENAPI_PATH, Route::OpenApi),
];

/// Why a path cannot be a mount point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MountError {
    #[error("it must begin with a slash")]
    NoSlash,
    #[error("it must have no empty segment and no slash at its end")]
    EmptySegment,
    #[error("it holds a character that a URL's path has only percent-encoded, or `%` itself")]
    Character,
}

impl Mount {
    pub(crate) fn new(path: &str) -> Result<Self, MountError> {
        if path == "/" {
            return Ok(Self(String::new()));
        }
        let segments = path.strip_prefix('/').ok_or(MountError::NoSlash)?;
        if segments
            .split('/')
            .any(|segment| matches!(segment, "" | "." | ".."))
        {
            return Err(MountError::EmptySegment);
        }
        // Paths are compared as they are on the wire, so one that has two spellings would be missed in the other.
        let plain =
            |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~!$&'()*+,;=:@".contains(&byte);
        if !path.bytes().all(plain) {
            return Err(MountError::Character);
        }
        Ok(Self(path.to_owned()))
    }

    pub(crate) fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// `None` where `path` is not ours. A slash at the end is the mount point itself, because `nest_service` cannot tell the
    /// two apart.
    pub(crate) fn route(&self, path: &str) -> Option<Route> {
        let below = path.strip_prefix(self.0.as_str())?;
        if matches!(below, "" | "/") {
            return Some(Route::Grant);
        }
        let known = BELOW.iter().find(|(path, _)| *path == below);
        match known {
            Some((_, route)) => Some(*route),
            None if below.starts_with('/') => Some(Route::Unknown),
            None => None,
        }
    }

    /// The path that a request has at the mount point itself.
    pub(crate) fn as_str(&self) -> &str {
        if self.is_root() { "/" } else { &self.0 }
    }

    /// The endpoints below the mount point, for people, without that of `missing`.
    pub(crate) fn below(missing: Option<Route>) -> String {
        let there = BELOW
            .iter()
            .filter(|(_, route)| missing.as_ref() != Some(route));
        let paths: Vec<_> = there.map(|(path, _)| format!("`{path}`")).collect();
        let (last, others) = paths
            .split_last()
            .map_or(("", &[][..]), |(last, others)| (last.as_str(), others));
        format!("{} and {last}", others.join(", "))
    }
}

impl fmt::Display for Mount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl Route {
    /// For logs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Limits => "limits",
            Self::Parts => "parts",
            Self::Resume => "resume",
            Self::Complete => "complete",
            Self::Abort => "abort",
            Self::Download => "download",
            #[cfg(feature = "openapi")]
            Self::OpenApi => "openapi",
            Self::Unknown => "unknown",
        }
    }

    /// The methods that the endpoint has, as `Allow` lists them.
    pub(crate) fn allowed(self) -> &'static str {
        match self {
            Self::Grant => "GET, HEAD, POST, OPTIONS",
            Self::Limits | Self::Download => "GET, HEAD, OPTIONS",
            #[cfg(feature = "openapi")]
            Self::OpenApi => "GET, HEAD, OPTIONS",
            Self::Parts | Self::Resume | Self::Complete | Self::Abort => "POST, OPTIONS",
            Self::Unknown => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Mount, MountError, Route};

    #[test]
    fn paths_at_and_below_the_mount_are_ours_and_no_others() {
        let mount = Mount::new("/presignedUrl").unwrap();
        for (path, route) in [
            ("/presignedUrl", Some(Route::Grant)),
            ("/presignedUrl/", Some(Route::Grant)),
            ("/presignedUrl/limits", Some(Route::Limits)),
            ("/presignedUrl/parts", Some(Route::Parts)),
            ("/presignedUrl/resume", Some(Route::Resume)),
            ("/presignedUrl/complete", Some(Route::Complete)),
            ("/presignedUrl/abort", Some(Route::Abort)),
            ("/presignedUrl/download", Some(Route::Download)),
            ("/presignedUrl/abort/", Some(Route::Unknown)),
            ("/presignedUrl/limits/", Some(Route::Unknown)),
            ("/presignedUrl//limits", Some(Route::Unknown)),
            ("/presignedUrl2", None),
            ("/presignedurl", None),
            ("/presigned", None),
            ("/", None),
            ("*", None),
        ] {
            assert_eq!(mount.route(path), route, "{path}");
        }
        let root = Mount::new("/").unwrap();
        assert_eq!(root.route("/"), Some(Route::Grant));
        assert_eq!(root.route("/limits"), Some(Route::Limits));
        assert_eq!(root.route("/x"), Some(Route::Unknown));
    }

    #[test]
    fn what_cannot_be_a_mount_is_refused() {
        for (path, error) in [
            ("", MountError::NoSlash),
            ("uploads", MountError::NoSlash),
            ("/uploads/", MountError::EmptySegment),
            ("//uploads", MountError::EmptySegment),
            ("/a/../b", MountError::EmptySegment),
            ("/a?b", MountError::Character),
            ("/a b", MountError::Character),
            ("/ü", MountError::Character),
            ("/{id}", MountError::Character),
        ] {
            assert_eq!(Mount::new(path).unwrap_err(), error, "{path}");
        }
    }
}
