//! How the server gives something out and knows it again: `base64url(version ‖ HMAC-SHA256 ‖ JSON)`. The code covers the version and the JSON,
//! and nothing is read before it has been verified. Whoever holds the text can read it and change nothing of it.
//!
//! What a text is for ([`Purpose`]) is part of how its key is derived, so none can be passed off as one of another kind.

mod keys;
mod subject;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(crate) use keys::{Keys, MIN_KEY_BYTES, Purpose, ShortKey};
pub(crate) use subject::Subject;

/// The longest text that is looked at, and so the longest that is made: a key and an upload ID of 1 kB each leave room.
pub(crate) const MAX_BYTES: usize = 8 * 1024;

/// Why a text cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SealError {
    #[error("there is no key to authenticate it with")]
    NoKey,
    #[error("a sealed text has at most {MAX_BYTES} bytes, this one would have {0}")]
    TooLong(usize),
    #[error("it could not be serialized")]
    Unserialized,
}

/// Why a text is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OpenError {
    /// None of the keys made it.
    Invalid,
    /// It is authentic, and of a version that is not read any more.
    Outdated,
}

impl Keys {
    pub(crate) fn seal(&self, version: u8, claims: &impl Serialize) -> Result<String, SealError> {
        let json = serde_json::to_vec(claims).map_err(|_| SealError::Unserialized)?;
        let mut covered = vec![version];
        covered.extend(json);
        let code = self.sign(&covered).ok_or(SealError::NoKey)?;
        let text = URL_SAFE_NO_PAD.encode([&covered[..1], &code, &covered[1..]].concat());
        if text.len() > MAX_BYTES {
            return Err(SealError::TooLong(text.len()));
        }
        Ok(text)
    }

    /// What an authentic text says.
    pub(crate) fn open<T: DeserializeOwned>(
        &self,
        version: u8,
        text: &str,
    ) -> Result<T, OpenError> {
        if text.len() > MAX_BYTES {
            return Err(OpenError::Invalid);
        }
        let bytes = URL_SAFE_NO_PAD
            .decode(text)
            .map_err(|_| OpenError::Invalid)?;
        let (given, rest) = bytes.split_first().ok_or(OpenError::Invalid)?;
        let (code, json) = rest
            .split_at_checked(keys::MAC_BYTES)
            .ok_or(OpenError::Invalid)?;
        if !self.verify(&[&[*given], json].concat(), code) {
            return Err(OpenError::Invalid);
        }
        if *given != version {
            return Err(OpenError::Outdated);
        }
        serde_json::from_slice(json).map_err(|_| OpenError::Invalid)
    }
}

#[cfg(test)]
mod tests {
    use super::{Keys, OpenError, Purpose};

    #[test]
    fn what_is_sealed_for_one_purpose_is_nothing_for_another() {
        let of = |purpose| Keys::configured(purpose, &[vec![1; 32]]).unwrap();
        let (token, receipt) = (of(Purpose::Token), of(Purpose::Receipt));
        let text = token.seal(1, &"claims").unwrap();
        assert_eq!(token.open::<String>(1, &text), Ok("claims".to_owned()));
        assert_eq!(receipt.open::<String>(1, &text), Err(OpenError::Invalid));
        assert_eq!(token.open::<String>(2, &text), Err(OpenError::Outdated));
    }
}
