use super::PolicyError;
use crate::key::{MAX_KEY_BYTES, ObjectKey};

/// Characters of the UUID that follows.
const UNIQUE: usize = 36;

/// Where files are sent to that are not complete yet.
#[derive(Clone, Debug)]
pub(crate) struct PendingPrefix(
    /// With a slash at its end.
    String,
);

impl PendingPrefix {
    pub(super) fn check(given: &str) -> Result<Self, PolicyError> {
        let refuse = |reason: String| PolicyError::PendingPrefix {
            given: given.to_owned(),
            reason,
        };
        let prefix = ObjectKey::new(given.trim_end_matches('/'))
            .map_err(|error| refuse(error.to_string()))?;
        let prefix = format!("{prefix}/");
        if prefix.len() + UNIQUE > MAX_KEY_BYTES {
            return Err(refuse(format!(
                "it is too long: it may have {} bytes",
                MAX_KEY_BYTES - UNIQUE
            )));
        }
        Ok(Self(prefix))
    }

    /// The key that the upload `unique` is sent to. The file's own key is not in it: it may be as long as a key can be, and several uploads
    /// may have the same one.
    pub(crate) fn key(&self, unique: &str) -> String {
        format!("{}{unique}", self.0)
    }

    /// Whether `key` is one of something pending.
    pub(crate) fn covers(&self, key: &ObjectKey) -> bool {
        key.as_str().starts_with(&self.0)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::PendingPrefix;
    use crate::key::ObjectKey;

    #[test]
    fn a_slash_ends_it_whether_given_or_not() {
        for given in ["pending", "pending/", "pending//"] {
            let prefix = PendingPrefix::check(given).unwrap();
            assert_eq!(prefix.key("1"), "pending/1");
            for (key, covered) in [("pending/1", true), ("pending", false), ("pendingX", false)] {
                assert_eq!(
                    prefix.covers(&ObjectKey::new(key).unwrap()),
                    covered,
                    "{key}"
                );
            }
        }
    }

    #[test]
    fn what_can_begin_no_key_is_refused() {
        let long = "p".repeat(1000);
        for given in ["", "/", "/pending", "a/../b", "a\n", &long] {
            assert!(PendingPrefix::check(given).is_err(), "{given}");
        }
        assert!(PendingPrefix::check(&"p".repeat(1024 - 37)).is_ok());
    }
}
