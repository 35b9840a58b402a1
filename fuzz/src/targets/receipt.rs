use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use presign_layer::protocol::{ErrorCode, Problem};
use presign_layer::{Receipt, ReceiptError, ReceiptOf, ReceiptVerifier, UnfitObject};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::ask::post;
use crate::env::{BUCKET, LIMIT, MOUNT, NOW, ORDINARY, TOKEN_KEY};
use crate::judge::{Trust, judge};
use crate::receipts::RECEIPT;
use crate::sealed::{self, TOKEN, changed};
use crate::tokens::{FORM, MULTIPART, PUT, said};

/// Whose receipts [`STRICT`] takes, under which prefix, and how old in seconds.
const SUBJECT: &str = "42";
const PREFIX: &str = "users/42";
const AGE: u64 = 100;

/// The longest text that is looked at.
const MAX_BYTES: usize = 8 * 1024;

/// Takes what the mount made for nobody in particular.
static PLAIN: LazyLock<ReceiptVerifier> = LazyLock::new(|| ORDINARY.receipts());

/// Takes all that is of the mount.
static ANY: LazyLock<ReceiptVerifier> =
    LazyLock::new(|| ORDINARY.receipts().any_subject().any_age());

/// All that a verifier can ask for, in a process that has nothing but the keys.
static STRICT: LazyLock<ReceiptVerifier> = LazyLock::new(|| {
    ReceiptVerifier::new(MOUNT, BUCKET, [TOKEN_KEY])
        .expect("the key is long enough")
        .clock(|| SystemTime::UNIX_EPOCH + Duration::from_secs(NOW))
        .subject(SUBJECT)
        .max_age(Duration::from_secs(AGE))
        .key_prefix(PREFIX)
        .max_size(LIMIT)
        .types(["image/*", "text/plain"])
        .expect("they are types")
});

/// A receipt: the input as it is, a real receipt and real tokens that the input changes, and what is sealed with the key: the input, and the input's fields in place of a
/// real receipt's. None but what was sealed as a receipt is taken, that only where it fits, and it says what was sealed.
pub fn receipt(input: &[u8]) {
    false_one(&String::from_utf8_lossy(input));
    for real in [&RECEIPT, &MULTIPART, &PUT, &FORM] {
        false_one(&changed(real.as_bytes(), input));
    }
    authentic(input, None);
    if let Ok(Value::Object(fields)) = serde_json::from_slice(input) {
        let mut claims = said(&RECEIPT);
        let merged = claims.as_object_mut().expect("claims are an object");
        merged.extend(fields);
        authentic(claims.to_string().as_bytes(), Some(&claims));
    }
}

/// No verifier takes `text`, unless it is the real one.
fn false_one(text: &str) {
    if text == RECEIPT.as_str() {
        assert!(PLAIN.verify(text).is_ok() && ANY.verify(text).is_ok());
        assert!(STRICT.verify(text).is_err());
        return;
    }
    for verifier in [&PLAIN, &ANY, &STRICT] {
        assert_eq!(refused(verifier, text), ReceiptError::Invalid);
    }
}

fn refused(verifier: &ReceiptVerifier, text: &str) -> ReceiptError {
    let error = verifier.verify(text).expect_err("it is none");
    let problem = Problem::from(error);
    assert_eq!(problem.status, error.code().status());
    assert_ne!(problem.code, ErrorCode::Internal);
    error
}

/// `claims` as a receipt, and as what is none. `merged` is the same, where each field is there once.
fn authentic(claims: &[u8], merged: Option<&Value>) {
    let text = sealed::RECEIPT.seal(claims);
    if text.len() > MAX_BYTES {
        return false_one(&text);
    }
    false_one(&TOKEN.seal(claims));
    let version = claims.first().copied().unwrap_or_default();
    if version != sealed::RECEIPT.version {
        let outdated = sealed::RECEIPT.seal_as(version, claims);
        assert_eq!(refused(&ANY, &outdated), ReceiptError::Outdated);
    }
    for (verifier, strict) in [(&PLAIN, Some(false)), (&ANY, None), (&STRICT, Some(true))] {
        let verified = verifier.verify(&text);
        if let Ok(receipt) = &verified {
            // Half a surrogate pair where nobody reads is JSON to one reader and not to another; a list of the fields' values is read as well.
            if let Ok(said @ Value::Object(_)) = serde_json::from_slice(claims) {
                says(receipt, &said);
                assert!(strict != Some(true) || takes(&said["t"]), "{said}");
            }
        }
        let Some(said) = merged.filter(|said| is_whole(said)) else {
            continue;
        };
        let expected = fits(said, strict);
        let of_type = ReceiptError::Unfit(UnfitObject::ContentType);
        if expected.is_err() || strict != Some(true) {
            assert_eq!(verified.as_ref().err().copied(), expected.err(), "{said}");
        } else {
            // What only looks like a type that is taken, such as `image/`, is refused as well.
            let refusal = verified.err();
            assert!(refusal.is_none_or(|error| error == of_type), "{said}");
            assert!(refusal.is_some() || takes(&said["t"]), "{said}");
        }
    }
    let reply = post(
        &ORDINARY,
        "/parts",
        json!({ "token": text, "from": 1 }).to_string(),
    );
    judge(&reply, Trust::Honest, false, claims);
    assert_eq!(reply.json::<Problem>().code, ErrorCode::TokenInvalid);
}

/// Whether a receipt has all that it must have, as it must.
fn is_whole(said: &Value) -> bool {
    ["m", "b", "k", "i", "t", "e"]
        .iter()
        .all(|field| said[field].is_string())
        && ["s", "a"].iter().all(|field| said[field].is_u64())
        && (said["f"].is_null() || said["f"].is_string())
        && said["c"].is_null()
}

/// What is to be said of it, its type apart. `strict` says by whom; nobody asks for a subject and an age where it is `None`.
fn fits(said: &Value, strict: Option<bool>) -> Result<(), ReceiptError> {
    let foreign = |of| Err(ReceiptError::Foreign(of));
    let hash = json!(URL_SAFE_NO_PAD.encode(Sha256::digest(SUBJECT)));
    let (whose, age) = match strict {
        Some(true) => (Some(hash), AGE),
        Some(false) => (Some(Value::Null), 24 * 60 * 60),
        None => (None, u64::MAX),
    };
    let issued = said["a"].as_u64().expect("a number");
    let key = said["k"].as_str().expect("a string");
    let size = said["s"].as_u64().expect("a number");
    match () {
        () if said["m"] != MOUNT => foreign(ReceiptOf::Mount),
        () if said["b"] != BUCKET => foreign(ReceiptOf::Bucket),
        () if whose.is_some_and(|whose| whose != said["f"]) => foreign(ReceiptOf::Subject),
        () if NOW.saturating_sub(issued) > age => Err(ReceiptError::Expired),
        () if strict != Some(true) => Ok(()),
        () if !key.starts_with("users/42/") => Err(ReceiptError::Unfit(UnfitObject::Key)),
        () if size > LIMIT => Err(ReceiptError::Unfit(UnfitObject::Size)),
        () => Ok(()),
    }
}

/// Whether [`STRICT`] may take this type.
fn takes(content_type: &Value) -> bool {
    let text = content_type.as_str().expect("a string");
    let essence = text.split(';').next().unwrap_or_default();
    let essence = essence.trim_ascii().to_ascii_lowercase();
    essence == "text/plain" || essence.starts_with("image/")
}

fn says(receipt: &Receipt, said: &Value) {
    for (got, field) in [
        (receipt.bucket(), "b"),
        (receipt.key(), "k"),
        (receipt.id(), "i"),
        (receipt.content_type(), "t"),
        (receipt.etag(), "e"),
    ] {
        assert_eq!(said[field], got);
    }
    assert_eq!(said["m"], MOUNT);
    assert_eq!(said["s"], receipt.size());
    let issued = Duration::from_secs(said["a"].as_u64().expect("a number"));
    let issued = SystemTime::UNIX_EPOCH.checked_add(issued);
    assert!(issued.is_none_or(|issued| issued == receipt.issued_at()));
    let hash = json!(URL_SAFE_NO_PAD.encode(Sha256::digest(SUBJECT)));
    assert_eq!(receipt.is_of(SUBJECT), said["f"] == hash);
    assert!(!format!("{receipt:?}").is_empty());
}
