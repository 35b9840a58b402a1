//! Receipts that nobody was given, or that are to say more than they do.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use presign_layer::{Permit, ReceiptError, ReceiptOf, ReceiptVerifier, UnfitObject};
use serde_json::{Value, json};
use sha2::Sha256;

use super::tokens::others;
use crate::fake::FakeStore;
use crate::receipts::{for_subject, receipt, seconds};
use crate::support::{ACCESS_KEY_ID, NOW, ask, at, complete_one, mount, png, store_of};

/// Bytes before the claims: a version and an HMAC-SHA256.
const HEAD: usize = 33;

/// A receipt, what it says, and who verifies it: as leniently as can be, so that nothing but the forgery can be why it is refused.
async fn given() -> (String, Value, ReceiptVerifier) {
    let fake = FakeStore::default();
    let service = for_subject(at(store_of(&fake)), "42");
    let receipt = receipt(&fake, &service).await;
    let receipts = service.receipts().any_subject().any_age();
    assert!(receipts.verify(&receipt).is_ok());
    let claims = serde_json::from_slice(&bytes(&receipt)[HEAD..]).unwrap();
    (receipt, claims, receipts)
}

fn bytes(receipt: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(receipt).unwrap()
}

fn text(head: &[u8], json: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode([head, json].concat())
}

/// Who has a receipt reads what it says, and would have it say more: another user's key, a larger file, another day.
#[tokio::test]
async fn no_claim_of_a_receipt_can_be_changed() {
    let (receipt, claims, receipts) = given().await;
    let head = &bytes(&receipt)[..HEAD];
    let refused = |claims: &Value, what: &str| {
        let changed = text(head, &serde_json::to_vec(claims).unwrap());
        assert_eq!(
            receipts.verify(&changed),
            Err(ReceiptError::Invalid),
            "{what}"
        );
    };
    let mut tried = 0;
    for (name, value) in claims.as_object().unwrap() {
        for other in others(value).into_iter().filter(|other| other != value) {
            let mut changed = claims.clone();
            changed[name] = other;
            refused(&changed, name);
            tried += 1;
        }
        let mut without = claims.clone();
        without.as_object_mut().unwrap().remove(name);
        refused(&without, name);
    }
    assert!(tried > 20, "only {tried}");
    let mut more = claims.clone();
    more["admin"] = json!(true);
    refused(&more, "one claim more");
    let spaced = text(head, &serde_json::to_vec_pretty(&claims).unwrap());
    assert_eq!(receipts.verify(&spaced), Err(ReceiptError::Invalid));
    // A key twice, of which another reader might take the one or the other.
    let json = String::from_utf8(bytes(&receipt)[HEAD..].to_vec()).unwrap();
    let twice = format!("{},\"k\":\"users/43/a\"}}", json.trim_end_matches('}'));
    assert_eq!(
        receipts.verify(&text(head, twice.as_bytes())),
        Err(ReceiptError::Invalid)
    );
}

/// With every key that a stranger may know or guess, in the format that everybody may read about.
#[tokio::test]
async fn a_receipt_cannot_be_made_without_the_key() {
    let (receipt, _, receipts) = given().await;
    let bytes = bytes(&receipt);
    let hmac = |key: &[u8], message: &[u8]| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(message);
        mac.finalize().into_bytes().to_vec()
    };
    let refused = |version: u8, code: &[u8], what: &str| {
        let forged = text(&[&[version], code].concat(), &bytes[HEAD..]);
        assert_eq!(
            receipts.verify(&forged),
            Err(ReceiptError::Invalid),
            "{what}"
        );
    };
    let purposes: [&[u8]; 2] = [b"presign-layer: receipt", b"presign-layer: upload token"];
    for guess in [
        &b""[..],
        &[0; 32],
        b"secret",
        b"minioadmin",
        b"uploads",
        b"/presignedUrl",
        purposes[0],
        ACCESS_KEY_ID.as_bytes(),
        &bytes[1..HEAD],
    ] {
        let derived = purposes.map(|purpose| hmac(guess, purpose));
        for key in [guess, &derived[0], &derived[1]] {
            for version in [bytes[0], 0, 2, 255] {
                let covered = [&[version], &bytes[HEAD..]].concat();
                refused(version, &hmac(key, &covered), &format!("{guess:?}"));
            }
        }
    }
    for code in [&[0; 32][..], &[0xff; 32], &[], &bytes[1..HEAD - 1]] {
        refused(bytes[0], code, "no code");
    }
    // Another version is not told from another forgery, unless it is authentic.
    refused(bytes[0] + 1, &bytes[1..HEAD], "another version");
}

/// An application that remembers the receipts that it has taken, to take each only once, would take the same one again in another spelling.
#[tokio::test]
async fn a_receipt_has_one_spelling() {
    let (receipt, _, receipts) = given().await;
    let bytes = bytes(&receipt);
    let (first, last) = receipt.split_at(receipt.len() / 2);
    let mut spellings = vec![
        format!("{receipt}="),
        format!("{receipt}=="),
        format!("{receipt}\n"),
        format!(" {receipt}"),
        format!("{receipt}\0"),
        format!("{receipt}A"),
        format!("{first}\r\n{last}"),
        format!("{first}%2D{last}"),
        format!("\"{receipt}\""),
        format!("{receipt},{receipt}"),
        receipt.to_lowercase(),
        receipt.to_uppercase(),
        URL_SAFE.encode([&bytes[..], b" "].concat()),
    ];
    spellings.push(STANDARD.encode(&bytes));
    spellings.push(URL_SAFE.encode(&bytes));
    spellings.retain(|spelling| *spelling != receipt);
    assert!(spellings.len() > 12, "{}", spellings.len());
    for spelling in spellings {
        assert_eq!(
            receipts.verify(&spelling),
            Err(ReceiptError::Invalid),
            "{spelling}"
        );
    }
}

/// Nobody is somebody else than the user without a name, and names that look alike are of different users.
#[tokio::test]
async fn users_whose_names_look_alike_are_not_each_other() {
    let names = [
        "", "42", "42 ", " 42", "042", "4２", "42\0", "é", "e\u{301}", "É", "null",
    ];
    let fake = FakeStore::default();
    for name in names {
        let service = for_subject(at(store_of(&fake)), name);
        let receipt = receipt(&fake, &service).await;
        let receipts = service.receipts();
        let foreign = Err(ReceiptError::Foreign(ReceiptOf::Subject));
        assert_eq!(receipts.verify(&receipt), foreign, "nobody is not {name:?}");
        for other in names {
            let taken = receipts.clone().subject(other).verify(&receipt).is_ok();
            assert_eq!(taken, other == name, "{name:?} as {other:?}");
        }
    }
}

/// What a receipt is taken for is the object's whole key and its whole type, not how they begin.
#[tokio::test]
async fn what_looks_like_what_is_expected_is_not_taken_for_it() {
    let fake = FakeStore::default();
    for home in [
        "users/42",
        "users/421",
        "users/4",
        "Users/42",
        "users/42.",
        "a/users/42",
    ] {
        let hook = move |_| async move { Ok(Permit::new().key_prefix(home)) };
        let service = at(store_of(&fake)).authorize(hook).build_service().unwrap();
        let receipt = receipt(&fake, &service).await;
        let receipts = service.receipts();
        let expected = receipts.key_prefix("users/42").verify(&receipt);
        match home {
            "users/42" => assert!(expected.is_ok()),
            _ => assert_eq!(
                expected,
                Err(ReceiptError::Unfit(UnfitObject::Key)),
                "{home}"
            ),
        }
    }
    let service = mount(&fake, presign_layer::Policy::new());
    for kind in [
        "image/pngx",
        "ximage/png",
        "image/png+xml",
        "text/image",
        "application/image",
    ] {
        let file = json!({ "name": "a", "size": 5, "type": kind });
        let grant = ask(service.clone(), file).await;
        fake.put(&grant);
        let done = complete_one(&service, &grant).await;
        let receipt = done["receipt"].as_str().unwrap();
        let receipts = service.receipts().types(["image/png"]).unwrap();
        let unfit = Err(ReceiptError::Unfit(UnfitObject::ContentType));
        assert_eq!(receipts.verify(receipt), unfit, "{kind}");
    }
}

/// A receipt is of an upload, which has an ID of its own that no other upload's receipt has: what is taken once is not taken again in another's name.
#[tokio::test]
async fn receipts_of_one_upload_have_one_id_and_no_others() {
    let fake = FakeStore::default();
    let service = presign_layer::PresignService::builder(store_of(&fake))
        .clock(seconds(NOW))
        .public()
        .build_service()
        .unwrap();
    let mut ids = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let grant = ask(service.clone(), png(5)).await;
        fake.put(&grant);
        for _ in 0..3 {
            let done = complete_one(&service, &grant).await;
            let receipt = service.receipts().verify(done["receipt"].as_str().unwrap());
            ids.insert(receipt.unwrap().id().to_owned());
        }
    }
    assert_eq!(ids.len(), 20);
}
