//! Tokens that are sealed here, without the layer's own code: what somebody could send who had the key, or an older version of the layer.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use presign_layer::protocol::{Grant, GrantAnswer, GrantResponse};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::ask::post;
use crate::env::{ORDINARY, THRESHOLD, TOKEN_KEY};

/// The length of the code that comes after the version.
const CODE: usize = 32;

/// The version and purpose of an upload's token.
const UPLOAD: (u8, &str) = (2, "presign-layer: upload token");

/// Bytes of the file that [`MULTIPART`] is for, in two parts.
pub(crate) const LARGE: u64 = THRESHOLD + (1 << 20);

/// Bytes of the file that [`PUT`] is for.
pub(crate) const SMALL: u64 = 3;

/// A real token of [`ORDINARY`], for an upload of two parts.
pub(crate) static MULTIPART: LazyLock<String> = LazyLock::new(|| {
    let Grant::Multipart(grant) = granted("large.bin", LARGE) else {
        panic!("a file of this size goes in parts");
    };
    checked(grant.token)
});

/// A real token of [`ORDINARY`], for one PUT.
pub(crate) static PUT: LazyLock<String> = LazyLock::new(|| {
    let Grant::Put(grant) = granted("small.bin", SMALL) else {
        panic!("a file of this size goes in one PUT");
    };
    checked(grant.token.expect("what arrives is verified"))
});

fn granted(name: &str, size: u64) -> Grant {
    let body = json!({ "files": [{ "name": name, "size": size, "type": "a/b" }] });
    let response: GrantResponse = post(&ORDINARY, "", body.to_string()).json();
    match response.grants.into_iter().next() {
        Some(GrantAnswer::Granted(grant)) => grant,
        other => panic!("{other:?}"),
    }
}

/// If the layer seals in another way now, what is sealed here no longer tests anything.
fn checked(token: String) -> String {
    assert_eq!(seal(&claims_of(&token)), token, "sealed as the layer seals");
    token
}

/// What [`MULTIPART`] says.
pub(crate) static CLAIMS: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_slice(&claims_of(&MULTIPART)).expect("claims are JSON"));

/// The claims in a token.
pub(crate) fn claims_of(token: &str) -> Vec<u8> {
    let bytes = URL_SAFE_NO_PAD.decode(token).expect("a token is base64");
    bytes[1 + CODE..].to_vec()
}

/// An authentic token that says `claims`, whatever they are.
pub(crate) fn seal(claims: &[u8]) -> String {
    let (version, purpose) = UPLOAD;
    let key = code(TOKEN_KEY.as_bytes(), &[purpose.as_bytes()]);
    let code = code(&key, &[&[version], claims]);
    URL_SAFE_NO_PAD.encode([&[version], code.as_slice(), claims].concat())
}

fn code(key: &[u8], covered: &[&[u8]]) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length is good");
    for bytes in covered {
        mac.update(bytes);
    }
    mac.finalize().into_bytes().to_vec()
}
