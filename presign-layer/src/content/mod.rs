//! Whether a file's first bytes contradict the content type that it was granted as.
//!
//! Most types cannot be proven by a file's beginning, so nothing is proven here: what is refused is what cannot be of its type. A type whose
//! every file begins with a signature is held to it; of another one it is enough that the bytes are clearly something else.

mod active;
mod bytes;
mod expected;

use mediatype::MediaType;

pub(crate) use active::is_active;
use expected::Expected;

/// How many bytes of a file are looked at. All signatures are in them, and an office document's first entries too.
pub(crate) const LOOKED_AT: usize = 8 * 1024;

/// A file is not of its type.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Contradiction {
    #[error("its first bytes are those of {0}")]
    Is(&'static str),
    #[error("its first bytes are not those of such a file")]
    IsNot,
}

/// Compares what a file was granted as with its first [`LOOKED_AT`] bytes, or all that it has.
pub(crate) fn check(granted: &str, first: &[u8]) -> Result<(), Contradiction> {
    // Only what is a content type is ever granted.
    let Ok(granted) = MediaType::parse(granted) else {
        return Ok(());
    };
    let essence = granted.essence().to_string().to_ascii_lowercase();
    let contradicted = match Expected::of(&essence) {
        Expected::Signature(is_one) => !is_one(first),
        Expected::Text => bytes::is_binary(first),
        Expected::PlainText => bytes::is_binary(first) || bytes::is_html(first),
        Expected::Image => bytes::is_foreign_to_media(first) || bytes::is_sound_or_film(first),
        Expected::SoundOrFilm => bytes::is_foreign_to_media(first) || bytes::is_still(first),
        Expected::Font => {
            bytes::is_foreign_to_media(first)
                || bytes::is_sound_or_film(first)
                || bytes::is_still(first)
        }
        Expected::OfficeFile => {
            bytes::is_program(first) || bytes::is_sound_or_film(first) || bytes::is_still(first)
        }
        Expected::Anything => false,
    };
    match (contradicted, bytes::name(first)) {
        (false, _) => Ok(()),
        // An OLE file is an old Word file to one, and an installer to the other.
        (true, Some(name)) if name != essence => Err(Contradiction::Is(name)),
        (true, _) => Err(Contradiction::IsNot),
    }
}

#[cfg(test)]
mod tests;
