//! Tokens that nobody was given.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use presign_layer::{Policy, PresignService};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::fake::FakeStore;
use crate::support::{ACCESS_KEY_ID, ask, mount, post_to, problem};
use crate::tokens::refused_with;

const MIB: u64 = 1 << 20;
/// Bytes before the claims: a version and an HMAC-SHA256.
const HEAD: usize = 33;

fn policy() -> Policy {
    Policy::new().multipart_threshold(1).part_size(5 * MIB)
}

async fn granted(service: &PresignService) -> Value {
    let file = json!({ "name": "a.bin", "size": MIB, "type": "a/b" });
    ask(service.clone(), file).await
}

async fn is_invalid(service: &PresignService, token: &str, what: &str) {
    let code = refused_with(service, "/presignedUrl", &json!(token)).await;
    assert_eq!(code, (400, "token_invalid".to_owned()), "{what}");
}

/// Everything that could be meant by changing a claim.
pub(super) fn others(value: &Value) -> Vec<Value> {
    match value {
        Value::Null => vec![json!("x"), json!(0)],
        Value::Bool(yes) => vec![json!(!yes), Value::Null],
        Value::Number(number) => {
            let number = number.as_u64().unwrap_or_default();
            vec![
                json!(number + 1),
                json!(number.saturating_mul(2)),
                json!(0),
                json!(u64::MAX),
            ]
        }
        Value::String(text) => vec![
            json!(format!("{text}x")),
            json!(""),
            json!(text.to_uppercase() + "X"),
        ],
        _ => vec![Value::Null, json!({ "md5": true }), json!([])],
    }
}

/// Who has a token reads what it says, and would have it say more: a larger file, another key, a later end.
#[tokio::test]
async fn no_claim_of_a_token_can_be_changed() {
    let fake = FakeStore::default();
    let service = mount(&fake, policy());
    let grant = granted(&service).await;
    let bytes = URL_SAFE_NO_PAD
        .decode(grant["token"].as_str().unwrap())
        .unwrap();
    let claims: Value = serde_json::from_slice(&bytes[HEAD..]).unwrap();
    let with = |claims: &Value| {
        let json = serde_json::to_vec(claims).unwrap();
        URL_SAFE_NO_PAD.encode([&bytes[..HEAD], &json].concat())
    };
    let mut tried = 0;
    for (name, value) in claims.as_object().unwrap() {
        for other in others(value).into_iter().filter(|other| other != value) {
            let mut changed = claims.clone();
            changed[name] = other;
            is_invalid(&service, &with(&changed), name).await;
            tried += 1;
        }
        let mut without = claims.clone();
        without.as_object_mut().unwrap().remove(name);
        is_invalid(&service, &with(&without), name).await;
    }
    assert!(tried > 20, "only {tried}");
    let mut more = claims.clone();
    more["admin"] = json!(true);
    is_invalid(&service, &with(&more), "one claim more").await;
    // Another spelling of the same claims is not what was authenticated either.
    let spaced = serde_json::to_vec_pretty(&claims).unwrap();
    let spaced = URL_SAFE_NO_PAD.encode([&bytes[..HEAD], &spaced].concat());
    is_invalid(&service, &spaced, "white space").await;
    assert_eq!(fake.calls(), ["create"], "the store is not asked");
}

/// With every key that a stranger may know or guess, in the format that everybody may read about.
#[tokio::test]
async fn a_token_cannot_be_made_without_the_key() {
    let fake = FakeStore::default();
    let service = mount(&fake, policy());
    let grant = granted(&service).await;
    let token = grant["token"].as_str().unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(token).unwrap();
    let hmac = |key: &[u8], message: &[u8]| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(message);
        mac.finalize().into_bytes().to_vec()
    };
    let covered = [&bytes[..1], &bytes[HEAD..]].concat();
    let in_place_of_the_code =
        |code: &[u8]| URL_SAFE_NO_PAD.encode([&bytes[..1], code, &bytes[HEAD..]].concat());
    let purpose: &[u8] = b"presign-layer: upload token";
    for guess in [
        &b""[..],
        &[0; 32],
        b"secret",
        b"minioadmin",
        b"uploads",
        purpose,
        ACCESS_KEY_ID.as_bytes(),
        &bytes[1..HEAD],
    ] {
        let derived = hmac(guess, purpose);
        for key in [guess, &derived] {
            let code = hmac(key, &covered);
            is_invalid(
                &service,
                &in_place_of_the_code(&code),
                &format!("{guess:?}"),
            )
            .await;
        }
    }
    for code in [&[0; 32][..], &[], &[0xff; 32], &bytes[1..HEAD - 1]] {
        is_invalid(&service, &in_place_of_the_code(code), "no code").await;
    }
    let claims = String::from_utf8(bytes[HEAD..].to_vec()).unwrap();
    let none = URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"JWT"}"#);
    for forged in [
        claims.clone(),
        URL_SAFE_NO_PAD.encode(&claims),
        format!("{none}.{}.", URL_SAFE_NO_PAD.encode(&claims)),
        String::new(),
        token.to_lowercase(),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{token}{token}"),
        token.repeat(200),
    ] {
        is_invalid(&service, &forged, "another format").await;
    }
    assert_eq!(fake.calls(), ["create"], "the store is not asked");
}

/// A token belongs into the body: elsewhere it would end in logs and in the history of browsers.
#[tokio::test]
async fn a_token_is_not_taken_from_the_url() {
    let fake = FakeStore::default();
    let service = mount(&fake, policy());
    let grant = granted(&service).await;
    let token = grant["token"].as_str().unwrap();
    for endpoint in ["parts", "resume", "complete", "abort"] {
        let path = format!("/presignedUrl/{endpoint}?token={token}&from=1");
        let reply = post_to(service.clone(), &path, "{}").await;
        problem(&reply, 400, "invalid_json");
    }
    assert_eq!(fake.calls(), ["create"]);
}
