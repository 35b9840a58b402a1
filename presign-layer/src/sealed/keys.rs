use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

type HmacSha256 = Hmac<Sha256>;

/// Bytes of an HMAC-SHA256.
pub(super) const MAC_BYTES: usize = 32;

/// A key must be as hard to guess as what it makes.
pub(crate) const MIN_KEY_BYTES: usize = 32;

/// What a key is for. It is part of how the key is derived: one secret never authenticates two kinds of things alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Upload tokens.
    Token,
    /// Receipts.
    Receipt,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::Token => b"presign-layer: upload token",
            Self::Receipt => b"presign-layer: receipt",
        }
    }
}

/// The keys that one kind of sealed text is authenticated with: the first one signs, every one verifies. Empty where a mount gives none out.
#[derive(Clone, Default)]
pub(crate) struct Keys(Vec<HmacSha256>);

/// A key is too short; how long it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ShortKey {
    pub(crate) bytes: usize,
}

impl Keys {
    /// From keys that the application configures.
    pub(crate) fn configured(purpose: Purpose, keys: &[Vec<u8>]) -> Result<Self, ShortKey> {
        keys.iter()
            .map(|key| match key.len() {
                bytes if bytes < MIN_KEY_BYTES => Err(ShortKey { bytes }),
                _ => derive(purpose, key),
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// From the secret of credentials that stay, so that every replica has the same key without being told. It is as long as the store
    /// made it.
    pub(crate) fn from_secret(purpose: Purpose, secret: &str) -> Result<Self, ShortKey> {
        Ok(Self(vec![derive(purpose, secret.as_bytes())?]))
    }

    /// `None` where there is no key.
    pub(super) fn sign(&self, message: &[u8]) -> Option<[u8; MAC_BYTES]> {
        let mut mac = self.0.first()?.clone();
        mac.update(message);
        Some(mac.finalize().into_bytes().into())
    }

    /// In constant time for each key.
    pub(super) fn verify(&self, message: &[u8], code: &[u8]) -> bool {
        self.0.iter().any(|key| {
            let mut mac = key.clone();
            mac.update(message);
            mac.verify_slice(code).is_ok()
        })
    }
}

fn derive(purpose: Purpose, secret: &[u8]) -> Result<HmacSha256, ShortKey> {
    // HMAC takes a key of any length; that it could refuse one is for other users of the trait.
    let keyed =
        |key: &[u8]| HmacSha256::new_from_slice(key).map_err(|_| ShortKey { bytes: key.len() });
    let mut master = keyed(secret)?;
    master.update(purpose.label());
    keyed(&master.finalize().into_bytes())
}

impl fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "[{} redacted]", self.0.len())
    }
}
