//! Object keys: what one may be, and how one is made from a file's name.

mod sanitize;
mod strategy;

use std::fmt;
use std::str::FromStr;

pub(crate) use sanitize::sanitize;
pub use strategy::{CustomNaming, KeyNaming, KeyStrategy};

/// The most bytes of UTF-8 that a key may have.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html>
pub const MAX_KEY_BYTES: usize = 1024;

/// An object key that means the same to every store and every URL parser.
///
/// S3 itself takes nearly anything, and so a key such as `../other/x` in a path-style URL names *another bucket*. A value of
/// this type cannot be empty, begin with `/`, have a segment `.` or `..`, hold a control character, or exceed
/// [`MAX_KEY_BYTES`] of UTF-8.
///
/// ```
/// use presign_layer::{InvalidKey, ObjectKey};
///
/// let key: ObjectKey = "photos/2026/日本.png".parse()?;
/// assert_eq!(key.as_str(), "photos/2026/日本.png");
///
/// assert_eq!("../other/x".parse::<ObjectKey>(), Err(InvalidKey::DotSegment));
/// assert_eq!("/x".parse::<ObjectKey>(), Err(InvalidKey::LeadingSlash));
/// # Ok::<(), InvalidKey>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectKey(String);

impl ObjectKey {
    /// Checks `key`.
    ///
    /// # Errors
    ///
    /// [`InvalidKey`] says which rule is broken.
    pub fn new(key: impl Into<String>) -> Result<Self, InvalidKey> {
        let key = key.into();
        if key.is_empty() {
            return Err(InvalidKey::Empty);
        }
        if key.len() > MAX_KEY_BYTES {
            return Err(InvalidKey::TooLong { bytes: key.len() });
        }
        if key.starts_with('/') {
            return Err(InvalidKey::LeadingSlash);
        }
        if key.chars().any(char::is_control) {
            return Err(InvalidKey::ControlCharacter);
        }
        if key.split('/').any(|segment| matches!(segment, "." | "..")) {
            return Err(InvalidKey::DotSegment);
        }
        Ok(Self(key))
    }

    /// The key, without a leading slash and not percent-encoded.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key as a `String`.
    #[must_use]
    pub fn into_string(self) -> String {
        self.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl AsRef<str> for ObjectKey {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl FromStr for ObjectKey {
    type Err = InvalidKey;

    fn from_str(key: &str) -> Result<Self, InvalidKey> {
        Self::new(key)
    }
}

/// Why a text cannot be an [`ObjectKey`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidKey {
    /// There is nothing.
    #[error("an object key cannot be empty")]
    Empty,
    /// It is longer than S3 takes.
    #[error("an object key has at most {MAX_KEY_BYTES} bytes, this one has {bytes}")]
    TooLong {
        /// Bytes of UTF-8.
        bytes: usize,
    },
    /// Its first segment is empty.
    #[error("an object key cannot begin with a slash")]
    LeadingSlash,
    /// A URL parser would resolve it to another object.
    #[error("an object key cannot have a segment `.` or `..`")]
    DotSegment,
    /// It holds a line break, a NUL or the like.
    #[error("an object key cannot hold control characters")]
    ControlCharacter,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MAX_KEY_BYTES, ObjectKey};

    proptest! {
        #[test]
        fn what_is_accepted_keeps_every_rule(text in r"(?s)[./\\%a\u{0}\n\u{85}é ]{0,12}|.{0,40}") {
            if let Ok(key) = ObjectKey::new(text.clone()) {
                let key = key.as_str();
                prop_assert_eq!(key, &text);
                prop_assert!(!key.is_empty() && !key.starts_with('/') && key.len() <= MAX_KEY_BYTES);
                prop_assert!(!key.contains(char::is_control));
                // The reference is the URL parser that browsers share: the path must be what was put in.
                let mut url = url::Url::parse("https://store.test/bucket/").unwrap();
                url.path_segments_mut().unwrap().pop_if_empty().extend(key.split('/'));
                let encoded = key.split('/').count();
                prop_assert_eq!(url.path_segments().unwrap().count(), encoded + 1);
                prop_assert!(url.path().starts_with("/bucket/"));
            }
        }
    }

    #[test]
    fn the_longest_key_fits_and_one_byte_more_does_not() {
        assert!(ObjectKey::new("k".repeat(MAX_KEY_BYTES)).is_ok());
        let error = ObjectKey::new("k".repeat(MAX_KEY_BYTES + 1)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "an object key has at most 1024 bytes, this one has 1025"
        );
    }
}
