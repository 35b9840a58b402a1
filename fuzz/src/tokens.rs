//! Real tokens, and what is in them.

use std::sync::LazyLock;

use presign_layer::PresignService;
use presign_layer::protocol::{Grant, GrantAnswer, GrantResponse};
use serde_json::{Value, json};

use crate::ask::post;
use crate::env::{FORMS, ORDINARY, THRESHOLD, WAITING};
use crate::sealed::{TOKEN, claims_of};

/// Bytes of the file that [`MULTIPART`] is for, in two parts.
pub(crate) const LARGE: u64 = THRESHOLD + (1 << 20);

/// Bytes of the file that [`PUT`] and [`FORM`] are for.
pub(crate) const SMALL: u64 = 3;

/// A real token of [`ORDINARY`], for an upload of two parts.
pub(crate) static MULTIPART: LazyLock<String> = LazyLock::new(|| {
    let Grant::Multipart(grant) = granted(&ORDINARY, "large.bin", LARGE) else {
        panic!("a file of this size goes in parts");
    };
    TOKEN.checked(grant.token)
});

/// A real token of [`ORDINARY`], for one PUT.
pub(crate) static PUT: LazyLock<String> = LazyLock::new(|| {
    let Grant::Put(grant) = granted(&ORDINARY, "small.bin", SMALL) else {
        panic!("a file of this size goes in one PUT");
    };
    TOKEN.checked(grant.token.expect("what arrives is verified"))
});

/// A real token of [`FORMS`], for a form that takes from one byte on.
pub(crate) static FORM: LazyLock<String> = LazyLock::new(|| {
    let Grant::Post(grant) = granted(&FORMS, "small.bin", SMALL) else {
        panic!("a file of this size goes as a form");
    };
    TOKEN.checked(grant.token.expect("what arrives is verified"))
});

/// Real tokens of [`WAITING`], for one PUT and for an upload of two parts.
pub(crate) static PENDING_PUT: LazyLock<String> = LazyLock::new(|| {
    let Grant::Put(grant) = granted(&WAITING, "small.bin", SMALL) else {
        panic!("a file of this size goes in one PUT");
    };
    TOKEN.checked(grant.token.expect("what arrives is verified"))
});
pub(crate) static PENDING_LARGE: LazyLock<String> = LazyLock::new(|| {
    let Grant::Multipart(grant) = granted(&WAITING, "large.bin", LARGE) else {
        panic!("a file of this size goes in parts");
    };
    TOKEN.checked(grant.token)
});

fn granted(service: &PresignService, name: &str, size: u64) -> Grant {
    let body = json!({ "files": [{ "name": name, "size": size, "type": "a/b" }] });
    let response: GrantResponse = post(service, "", body.to_string()).json();
    match response.grants.into_iter().next() {
        Some(GrantAnswer::Granted(grant)) => grant,
        other => panic!("{other:?}"),
    }
}

/// What [`MULTIPART`] says.
pub(crate) static CLAIMS: LazyLock<Value> = LazyLock::new(|| said(&MULTIPART));

/// What a real token says.
pub(crate) fn said(token: &str) -> Value {
    serde_json::from_slice(&claims_of(token)).expect("claims are JSON")
}

/// What every real token's object has in its metadata: with randomness that stands still, all have the same.
pub(crate) fn mark() -> &'static str {
    CLAIMS["i"].as_str().expect("a mark")
}
