//! Receipts: what the application verifies without asking anybody.

use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use presign_layer::protocol::{ErrorCode, Problem};
use presign_layer::{
    Builder, Credentials, Permit, Policy, PolicyError, PresignService, ReceiptError, ReceiptOf,
    ReceiptVerifier, UnfitObject,
};
use serde_json::{Value, json};

use crate::fake::FakeStore;
use crate::support::{
    ACCESS_KEY_ID, NOW, SECRET, ask, at, complete_one, png, post_to, problem, store_of,
};

const KEY: [u8; 32] = [1; 32];

fn built(builder: Builder) -> PresignService {
    builder.public().build_service().unwrap()
}

pub(crate) fn for_subject(builder: Builder, subject: &'static str) -> PresignService {
    let hook = move |_| async move { Ok(Permit::new().subject(subject).key_prefix("users/42")) };
    builder.authorize(hook).build_service().unwrap()
}

/// Uploads a file and gives the receipt for it.
pub(crate) async fn receipt(fake: &FakeStore, service: &PresignService) -> String {
    receipt_of(fake, service, png(5)).await
}

async fn receipt_of(fake: &FakeStore, service: &PresignService, file: Value) -> String {
    let grant = ask(service.clone(), file).await;
    fake.put(&grant);
    let done = complete_one(service, &grant).await;
    done["receipt"]
        .as_str()
        .unwrap_or_else(|| panic!("{done}"))
        .to_owned()
}

pub(crate) fn seconds(seconds: u64) -> impl Fn() -> SystemTime + Send + Sync + 'static {
    move || SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

#[tokio::test]
async fn a_receipt_says_what_the_store_has() {
    let fake = FakeStore::default();
    let service = built(at(store_of(&fake)));
    let grant = ask(service.clone(), png(5)).await;
    fake.put(&grant);
    let key = grant["key"].as_str().unwrap();
    fake.set_header(key, "x-amz-checksum-crc32", "y/Q5Jg==");
    let done = complete_one(&service, &grant).await;
    let receipt = done["receipt"].as_str().unwrap();
    let receipt = service.receipts().verify(receipt).unwrap();
    assert_eq!(receipt.key(), key);
    assert_eq!(receipt.bucket(), "uploads");
    assert_eq!(receipt.size(), 5);
    assert_eq!(receipt.content_type(), "image/png");
    assert_eq!(receipt.etag(), done["etag"]);
    assert_eq!(receipt.checksum().unwrap().value, "y/Q5Jg==");
    assert_eq!(receipt.issued_at(), seconds(NOW)());
    assert_eq!(receipt.id(), grant["headers"]["x-amz-meta-presign-upload"]);
    assert!(!receipt.is_of("42"), "it is nobody's");
}

/// Whoever has the keys can verify, in another process, with no store at all.
#[tokio::test]
async fn keys_alone_are_enough_elsewhere() {
    let fake = FakeStore::default();
    let derived = receipt(&fake, &built(at(store_of(&fake)))).await;
    let credentials = Credentials::new(ACCESS_KEY_ID, SECRET);
    let by_secret = ReceiptVerifier::from_credentials("/presignedUrl", "uploads", &credentials)
        .unwrap()
        .clock(seconds(NOW));
    assert_eq!(by_secret.verify(&derived).unwrap().size(), 5);

    let configured = receipt(&fake, &built(at(store_of(&fake)).token_keys([KEY]))).await;
    let with = |keys: &[[u8; 32]]| {
        let verifier = ReceiptVerifier::new("/presignedUrl", "uploads", keys.to_vec());
        verifier.unwrap().clock(seconds(NOW))
    };
    assert!(with(&[KEY]).verify(&configured).is_ok());
    assert!(with(&[[2; 32], KEY]).verify(&configured).is_ok());
    for (verifier, receipt) in [
        (with(&[[2; 32]]), &configured),
        (with(&[KEY]), &derived),
        (by_secret, &configured),
    ] {
        assert_eq!(verifier.verify(receipt), Err(ReceiptError::Invalid));
    }
}

#[test]
fn a_verifier_without_a_good_key_or_path_is_not_made() {
    use presign_layer::BuildError;
    let with = |path: &str, keys: Vec<Vec<u8>>| ReceiptVerifier::new(path, "b", keys).err();
    assert_eq!(with("/p", vec![]), Some(BuildError::NoTokenKey));
    assert_eq!(
        with("/p", vec![vec![1; 31]]),
        Some(BuildError::TokenKey { bytes: 31 })
    );
    assert!(matches!(
        with("p", vec![vec![1; 32]]),
        Some(BuildError::Path { .. })
    ));
}

/// Every single bit, and every other text that a stranger may think of.
#[tokio::test]
async fn a_forged_receipt_is_refused() {
    let fake = FakeStore::default();
    let service = built(at(store_of(&fake)));
    let receipt = receipt(&fake, &service).await;
    let receipts = service.receipts();
    for place in 0..receipt.len() {
        for bit in 0..7 {
            let mut bytes = receipt.clone().into_bytes();
            bytes[place] ^= 1 << bit;
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(receipts.verify(&changed), Err(ReceiptError::Invalid));
        }
    }
    let doubled = format!("{receipt}{receipt}");
    let long = "A".repeat(1 << 20);
    for text in ["", "nonsense", "ä", &receipt[1..], &doubled, &long] {
        assert_eq!(receipts.verify(text), Err(ReceiptError::Invalid));
    }
}

#[tokio::test]
async fn a_token_is_no_receipt_and_a_receipt_no_token() {
    let fake = FakeStore::default();
    let service = built(at(store_of(&fake)));
    let grant = ask(service.clone(), png(5)).await;
    fake.put(&grant);
    let token = grant["token"].as_str().unwrap();
    assert_eq!(service.receipts().verify(token), Err(ReceiptError::Invalid));
    let done = complete_one(&service, &grant).await;
    let body = json!({ "token": done["receipt"] }).to_string();
    let reply = post_to(service, "/presignedUrl/abort", body).await;
    problem(&reply, 400, "token_invalid");
}

#[tokio::test]
async fn a_receipt_is_worth_nothing_elsewhere() {
    let fake = FakeStore::default();
    let service = built(at(store_of(&fake)).token_keys([KEY]));
    let receipt = receipt(&fake, &service).await;
    let verifier = |path: &str, bucket: &str| {
        let verifier = ReceiptVerifier::new(path, bucket, [KEY]).unwrap();
        verifier.clock(seconds(NOW))
    };
    let foreign = |of| Err(ReceiptError::Foreign(of));
    assert!(
        verifier("/presignedUrl", "uploads")
            .verify(&receipt)
            .is_ok()
    );
    for (path, bucket, of) in [
        ("/videos", "uploads", ReceiptOf::Mount),
        ("/", "uploads", ReceiptOf::Mount),
        ("/presignedUrl", "avatars", ReceiptOf::Bucket),
        ("/presignedUrl", "", ReceiptOf::Bucket),
    ] {
        assert_eq!(verifier(path, bucket).verify(&receipt), foreign(of));
    }
}

#[tokio::test]
async fn a_receipt_is_for_the_user_that_the_permit_named() {
    let fake = FakeStore::default();
    let bound = for_subject(at(store_of(&fake)), "42");
    let bounds = receipt(&fake, &bound).await;
    let receipts = bound.receipts();
    let foreign = Err(ReceiptError::Foreign(ReceiptOf::Subject));
    let verified = receipts.clone().subject("42").verify(&bounds).unwrap();
    assert!(verified.is_of("42") && !verified.is_of("43"));
    for other in ["43", "", "4"] {
        assert_eq!(receipts.clone().subject(other).verify(&bounds), foreign);
    }
    assert_eq!(receipts.verify(&bounds), foreign, "nobody was named");
    assert!(receipts.clone().any_subject().verify(&bounds).is_ok());

    let anybodys = receipt(&fake, &built(at(store_of(&fake)))).await;
    assert!(receipts.verify(&anybodys).is_ok());
    assert_eq!(receipts.subject("42").verify(&anybodys), foreign);
}

#[tokio::test]
async fn a_receipt_ages() {
    let fake = FakeStore::default();
    let service = built(at(store_of(&fake)));
    let receipt = receipt(&fake, &service).await;
    let later = |seconds_later| {
        let receipts = service.receipts();
        receipts.clock(seconds(NOW + seconds_later))
    };
    let day = 24 * 60 * 60;
    assert!(later(day).verify(&receipt).is_ok());
    let expired = Err(ReceiptError::Expired);
    assert_eq!(later(day + 1).verify(&receipt), expired);
    let minute = later(61).max_age(Duration::from_mins(1));
    assert_eq!(minute.verify(&receipt), expired);
    assert!(
        later(u64::from(u32::MAX))
            .any_age()
            .verify(&receipt)
            .is_ok()
    );
    // Another replica's clock is ahead.
    let earlier = service.receipts().clock(seconds(NOW - 100));
    assert!(earlier.verify(&receipt).is_ok());
}

#[tokio::test]
async fn a_receipt_of_another_kind_of_object_is_refused() {
    let fake = FakeStore::default();
    let service = for_subject(at(store_of(&fake)).policy(Policy::new()), "42");
    let receipt = receipt(&fake, &service).await;
    let receipts = || service.receipts().subject("42");
    let unfit = |what| Err(ReceiptError::Unfit(what));
    for prefix in ["users/42", "users/42/", "users"] {
        assert!(receipts().key_prefix(prefix).verify(&receipt).is_ok());
    }
    for prefix in ["users/4", "users/43", "", "/", "42"] {
        let refused = receipts().key_prefix(prefix).verify(&receipt);
        assert_eq!(refused, unfit(UnfitObject::Key), "{prefix}");
    }
    assert!(receipts().max_size(5).verify(&receipt).is_ok());
    let refused = receipts().max_size(4).verify(&receipt);
    assert_eq!(refused, unfit(UnfitObject::Size));
    for types in [
        ["image/png", "text/plain"],
        ["image/*", "text/plain"],
        ["*/*", "a/b"],
    ] {
        assert!(receipts().types(types).unwrap().verify(&receipt).is_ok());
    }
    let refused = receipts().types(["image/jpeg"]).unwrap().verify(&receipt);
    assert_eq!(refused, unfit(UnfitObject::ContentType));
    let none: [&str; 0] = [];
    let refused = receipts().types(none).unwrap().verify(&receipt);
    assert_eq!(refused, unfit(UnfitObject::ContentType));
    assert!(matches!(
        receipts().types(["image"]).unwrap_err(),
        PolicyError::ContentType { given } if given == "image"
    ));
}

#[test]
fn errors_are_problems_in_the_protocols_words() {
    for (error, code) in [
        (ReceiptError::Invalid, ErrorCode::ReceiptInvalid),
        (ReceiptError::Outdated, ErrorCode::ReceiptInvalid),
        (
            ReceiptError::Foreign(ReceiptOf::Subject),
            ErrorCode::ReceiptForeign,
        ),
        (ReceiptError::Expired, ErrorCode::ReceiptExpired),
        (
            ReceiptError::Unfit(UnfitObject::Size),
            ErrorCode::ReceiptUnfit,
        ),
        (ReceiptError::NoClock, ErrorCode::Internal),
    ] {
        let problem = Problem::from(error);
        assert_eq!(problem.code, code);
        assert_eq!(problem.status, code.status());
        assert_eq!(problem.detail, error.to_string());
    }
}

/// Whoever the application names its users by is not for everybody who sees a receipt.
#[tokio::test]
async fn the_subject_is_not_readable_in_a_receipt() {
    let fake = FakeStore::default();
    let service = for_subject(at(store_of(&fake)), "ann@example.com");
    let receipt = receipt(&fake, &service).await;
    let bytes = URL_SAFE_NO_PAD.decode(&receipt).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    assert!(
        text.contains("users/42/") && !text.contains("ann"),
        "{text}"
    );
    let verified = service
        .receipts()
        .subject("ann@example.com")
        .verify(&receipt);
    let shown = format!("{:?} {:?}", verified.unwrap(), service.receipts());
    assert!(
        !shown.contains(&receipt) && !shown.contains(SECRET),
        "{shown}"
    );
}
