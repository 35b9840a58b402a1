//! Sealing without the layer's own code: what somebody could send who had the key, or an older version of the layer.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::env::TOKEN_KEY;

/// The length of the code that comes after the version.
const CODE: usize = 32;

/// A kind of sealed text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// What its key is derived for.
    purpose: &'static str,
    /// What is read today.
    pub(crate) version: u8,
}

/// An upload's token.
pub(crate) const TOKEN: Kind = Kind {
    purpose: "presign-layer: upload token",
    version: 2,
};

/// A completed upload's receipt.
pub(crate) const RECEIPT: Kind = Kind {
    purpose: "presign-layer: receipt",
    version: 1,
};

impl Kind {
    /// An authentic text that says `claims`, whatever they are.
    pub(crate) fn seal(self, claims: &[u8]) -> String {
        self.seal_as(self.version, claims)
    }

    /// The same of another version.
    pub(crate) fn seal_as(self, version: u8, claims: &[u8]) -> String {
        let key = code(TOKEN_KEY.as_bytes(), &[self.purpose.as_bytes()]);
        let code = code(&key, &[&[version], claims]);
        URL_SAFE_NO_PAD.encode([&[version], code.as_slice(), claims].concat())
    }

    /// If the layer seals in another way now, what is sealed here no longer tests anything.
    pub(crate) fn checked(self, text: String) -> String {
        assert_eq!(
            self.seal(&claims_of(&text)),
            text,
            "sealed as the layer seals"
        );
        text
    }
}

/// The claims in a sealed text.
pub(crate) fn claims_of(text: &str) -> Vec<u8> {
    let bytes = URL_SAFE_NO_PAD
        .decode(text)
        .expect("a sealed text is base64");
    bytes[1 + CODE..].to_vec()
}

fn code(key: &[u8], covered: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length is good");
    for bytes in covered {
        mac.update(bytes);
    }
    mac.finalize().into_bytes().to_vec()
}

/// `text` as `changes` change it, three bytes for each change: what to do, where, what with.
pub(crate) fn changed(text: &[u8], changes: &[u8]) -> String {
    let mut text = text.to_vec();
    for change in changes.chunks_exact(3) {
        let place = usize::from(change[1]) * 2 % text.len().max(1);
        match change[0] % 5 {
            0 if !text.is_empty() => text[place] = change[2],
            1 if !text.is_empty() => text[place] ^= change[2],
            2 => text.insert(place, change[2]),
            3 if !text.is_empty() => drop(text.remove(place)),
            _ => text.truncate(place),
        }
    }
    String::from_utf8_lossy(&text).into_owned()
}
