//! May this object be downloaded, and for how long is its URL good?

use std::time::Duration;

use presign_protocol::{ErrorCode, FileError};

use super::narrowed::{Continued, key_prefix};
use crate::authorize::Permit;
use crate::key::ObjectKey;
use crate::policy::Rules;
use crate::problem::file_error;

/// How long the URL lives that the application permits.
pub(crate) fn download(
    rules: &Rules,
    permit: &Permit,
    key: &ObjectKey,
) -> Result<Duration, FileError> {
    if let Some(prefix) = key_prefix(permit)?
        && !is_below(&prefix, key)
    {
        return Err(file_error(
            ErrorCode::Forbidden,
            "This object is not among those that you may download.",
        ));
    }
    Ok(Continued::new(rules, permit)?.expires_in)
}

/// `users/4` is not above `users/42/a`, and nothing is below itself.
fn is_below(prefix: &ObjectKey, key: &ObjectKey) -> bool {
    let rest = key.as_str().strip_prefix(prefix.as_str());
    rest.is_some_and(|rest| rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::is_below;
    use crate::key::ObjectKey;

    #[test]
    fn a_prefix_ends_where_a_segment_does() {
        let is_below = |prefix: &str, key: &str| {
            is_below(
                &ObjectKey::new(prefix).unwrap(),
                &ObjectKey::new(key).unwrap(),
            )
        };
        for key in ["users/4/a", "users/4/a/b", "users/4/"] {
            assert!(is_below("users/4", key), "{key}");
        }
        for key in [
            "users/4",
            "users/42/a",
            "users/4a",
            "users",
            "user/4/a",
            "Users/4/a",
            "a/users/4/a",
        ] {
            assert!(!is_below("users/4", key), "{key}");
        }
    }
}
