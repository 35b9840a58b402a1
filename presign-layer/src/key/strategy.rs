use std::fmt;
use std::sync::Arc;

use crate::authorize::Ask;

use super::sanitize::sanitize;

type Naming = dyn Fn(&KeyNaming<'_>) -> String + Send + Sync;

/// How an object key is made for a file. Whatever comes out must be an [`ObjectKey`](crate::ObjectKey), or the file is
/// refused with `invalid_key`.
#[derive(Clone, Default)]
#[non_exhaustive]
pub enum KeyStrategy {
    /// `01890a5d-ac96-774b-bcce-b302099a8057/photo.png`: a UUIDv7, so no two files ever share a key and keys sort by time, and
    /// the file's name with everything harmful taken out and Unicode kept.
    #[default]
    UniqueName,
    /// The file's name as it came, as in the guide: whoever may upload chooses the key.
    FileName,
    /// The application's own way: see [`KeyStrategy::custom`].
    Custom(CustomNaming),
}

impl KeyStrategy {
    /// A closure makes the key.
    ///
    /// ```
    /// use presign_layer::{KeyStrategy, Policy};
    ///
    /// let policy = Policy::new().key(KeyStrategy::custom(|naming| {
    ///     format!("incoming/{}-{}", naming.unique, naming.safe_name)
    /// }));
    /// ```
    pub fn custom(naming: impl Fn(&KeyNaming<'_>) -> String + Send + Sync + 'static) -> Self {
        Self::Custom(CustomNaming(Arc::new(naming)))
    }

    /// The key, not yet checked. `unique` is a fresh UUIDv7.
    pub(crate) fn name(&self, ask: &Ask, unique: &str) -> String {
        let name = ask.file.name.as_str();
        match self {
            Self::UniqueName => format!("{unique}/{}", sanitize(name)),
            Self::FileName => name.to_owned(),
            Self::Custom(CustomNaming(naming)) => naming(&KeyNaming {
                ask,
                unique,
                safe_name: &sanitize(name),
            }),
        }
    }
}

impl fmt::Debug for KeyStrategy {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::UniqueName => "UniqueName",
            Self::FileName => "FileName",
            Self::Custom(_) => "Custom",
        })
    }
}

/// The closure of [`KeyStrategy::custom`].
#[derive(Clone)]
pub struct CustomNaming(Arc<Naming>);

impl fmt::Debug for CustomNaming {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CustomNaming")
    }
}

/// What the closure of [`KeyStrategy::custom`] makes a key from.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct KeyNaming<'a> {
    /// Who asks, and for which file.
    pub ask: &'a Ask,
    /// A fresh UUIDv7, hyphenated: 36 characters that sort by time.
    pub unique: &'a str,
    /// The file's name as one harmless segment of at most 255 bytes.
    pub safe_name: &'a str,
}
