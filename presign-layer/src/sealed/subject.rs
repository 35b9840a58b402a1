use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Whom a token or a receipt is bound to, as a hash: whatever the application names its users by is not for everybody who sees one, and may be
/// long.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Subject(String);

impl Subject {
    pub(crate) fn new(subject: &str) -> Self {
        Self(URL_SAFE_NO_PAD.encode(Sha256::digest(subject.as_bytes())))
    }
}

/// A short name can be guessed from its hash.
impl fmt::Debug for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[redacted]")
    }
}
