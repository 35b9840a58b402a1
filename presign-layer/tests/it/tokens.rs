//! Upload tokens: what they are good for, where, for whom and how long.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use presign_layer::{
    Action, Ask, Builder, Credentials, Permit, Policy, PresignService, Refusal, Store,
};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fake::FakeStore;
use crate::support::{ACCESS_KEY_ID, NOW, SECRET, ask, at, post, post_to, problem, store_of};

const MIB: u64 = 1 << 20;
const KEY: [u8; 32] = [1; 32];
const NEWER_KEY: [u8; 32] = [2; 32];

fn policy() -> Policy {
    Policy::new().multipart_threshold(1).part_size(5 * MIB)
}

fn built(builder: Builder) -> PresignService {
    builder.policy(policy()).public().build_service().unwrap()
}

async fn grant(service: &PresignService) -> Value {
    ask(
        service.clone(),
        json!({ "name": "ä.bin", "size": MIB, "type": "a/b" }),
    )
    .await
}

/// The codes with which all endpoints refuse a token; they are one.
pub(crate) async fn refused_with(
    service: &PresignService,
    at: &str,
    token: &Value,
) -> (u16, String) {
    let mut codes = Vec::new();
    for (endpoint, body) in [
        ("parts", json!({ "token": token, "from": 1 })),
        ("resume", json!({ "token": token })),
        ("abort", json!({ "token": token })),
    ] {
        let path = format!("{at}/{endpoint}");
        let reply = post_to(service.clone(), &path, body.to_string()).await;
        let code = reply.json()["code"].as_str().unwrap().to_owned();
        problem(&reply, reply.status.as_u16(), &code);
        codes.push((reply.status.as_u16(), code));
    }
    let body = json!({ "uploads": [{ "token": token }] }).to_string();
    let reply = post_to(service.clone(), &format!("{at}/complete"), body).await;
    assert_eq!(reply.status, 200);
    let code = &reply.json()["results"][0]["error"]["code"];
    codes.dedup();
    assert_eq!(codes.len(), 1, "{codes:?}");
    assert_eq!(*code, codes[0].1);
    codes.remove(0)
}

async fn is_taken(service: &PresignService, token: &Value) -> bool {
    let body = json!({ "token": token, "from": 1 }).to_string();
    let reply = post_to(service.clone(), "/presignedUrl/parts", body).await;
    reply.status == 200
}

#[tokio::test]
async fn any_replica_continues_any_upload() {
    let fake = FakeStore::default();
    let one = built(at(store_of(&fake)));
    let grant = grant(&one).await;
    drop(one);
    let other = built(at(store_of(&fake)));
    fake.put_part(grant["parts"][0].as_str().unwrap(), MIB);
    let body = json!({ "uploads": [{ "token": grant["token"] }] }).to_string();
    let done = post_to(other, "/presignedUrl/complete", body).await.json();
    assert_eq!(done["results"][0]["key"], grant["key"], "{done}");
}

#[tokio::test]
async fn keys_are_rotated_without_breaking_an_upload() {
    let fake = FakeStore::default();
    let keyed = |keys: &[[u8; 32]]| built(at(store_of(&fake)).token_keys(keys.to_vec()));
    let (old, both, new) = (keyed(&[KEY]), keyed(&[NEWER_KEY, KEY]), keyed(&[NEWER_KEY]));
    let olds = grant(&old).await["token"].take();
    let boths = grant(&both).await["token"].take();
    assert!(is_taken(&both, &olds).await && is_taken(&both, &boths).await);
    assert!(is_taken(&new, &boths).await, "the first key signs");
    for (service, token) in [(&new, &olds), (&old, &boths)] {
        let invalid = (400, "token_invalid".to_owned());
        assert_eq!(refused_with(service, "/presignedUrl", token).await, invalid);
    }
    // Without configured keys it is the secret's.
    let derived = built(at(store_of(&fake)));
    assert!(!is_taken(&derived, &olds).await);
}

#[tokio::test]
async fn a_token_is_worth_nothing_elsewhere() {
    let fake = FakeStore::default();
    let token = grant(&built(at(store_of(&fake)))).await["token"].take();
    let foreign = (403, "token_foreign".to_owned());

    let other_mount = built(at(store_of(&fake)).path("/videos"));
    assert_eq!(refused_with(&other_mount, "/videos", &token).await, foreign);

    let other_bucket = Store::builder("https://s3.test", "avatars")
        .credentials(Credentials::new(ACCESS_KEY_ID, SECRET))
        .client(fake.clone())
        .build()
        .unwrap();
    let other_bucket = built(at(other_bucket));
    assert_eq!(
        refused_with(&other_bucket, "/presignedUrl", &token).await,
        foreign
    );

    let other_secret = Store::builder("https://s3.test", "uploads")
        .credentials(Credentials::new(ACCESS_KEY_ID, "another secret"))
        .client(fake.clone())
        .build()
        .unwrap();
    let invalid = (400, "token_invalid".to_owned());
    let other_secret = built(at(other_secret));
    assert_eq!(
        refused_with(&other_secret, "/presignedUrl", &token).await,
        invalid
    );
    assert!(fake.calls().iter().all(|call| *call == "create"));
}

fn for_user(fake: &FakeStore, user: Option<&'static str>) -> PresignService {
    at(store_of(fake))
        .policy(policy())
        .authorize(move |_| async move {
            Ok(match user {
                Some(user) => Permit::new().subject(user),
                None => Permit::new(),
            })
        })
        .build_service()
        .unwrap()
}

#[tokio::test]
async fn a_token_is_its_users_alone() {
    let fake = FakeStore::default();
    let users = [Some("42"), Some("43"), Some(""), None];
    for owner in users {
        let token = grant(&for_user(&fake, owner)).await["token"].take();
        for user in users {
            let service = for_user(&fake, user);
            if user == owner {
                assert!(is_taken(&service, &token).await, "{owner:?}");
            } else {
                let foreign = (403, "token_foreign".to_owned());
                assert_eq!(
                    refused_with(&service, "/presignedUrl", &token).await,
                    foreign
                );
            }
        }
    }
}

/// Folders change, with the month for one. Users are told apart by the subject alone.
#[tokio::test]
async fn a_prefix_that_is_another_by_now_ends_no_upload_and_lets_no_other_subject_in() {
    let fake = FakeStore::default();
    let of = |prefix: &'static str, subject: &'static str| {
        at(store_of(&fake))
            .policy(policy())
            .authorize(
                move |_| async move { Ok(Permit::new().key_prefix(prefix).subject(subject)) },
            )
            .build_service()
            .unwrap()
    };
    let grant = grant(&of("2013-05", "42")).await;
    assert!(is_taken(&of("2013-06", "42"), &grant["token"]).await);
    let refused = refused_with(&of("2013-05", "43"), "/presignedUrl", &grant["token"]).await;
    assert_eq!(refused, (403, "token_foreign".to_owned()));
}

#[tokio::test]
async fn a_token_comes_to_its_end() {
    let fake = FakeStore::default();
    let short = policy().resumable_for(Duration::from_mins(1));
    let service = at(store_of(&fake))
        .policy(short)
        .public()
        .build_service()
        .unwrap();
    let grant = grant(&service).await;
    assert_eq!(grant["resumableFor"], 60);
    let later = |seconds| {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW + seconds);
        built(at(store_of(&fake)).clock(move || now))
    };
    assert!(is_taken(&later(59), &grant["token"]).await);
    let expired = (410, "token_expired".to_owned());
    assert_eq!(
        refused_with(&later(60), "/presignedUrl", &grant["token"]).await,
        expired
    );
}

/// Built by hand, after the description of the format: a token of a version to come, authentic.
#[tokio::test]
async fn a_token_of_another_version_is_outdated() {
    use hmac::{Hmac, KeyInit, Mac};
    let hmac = |key: &[u8], message: &[u8]| {
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).unwrap();
        mac.update(message);
        mac.finalize().into_bytes().to_vec()
    };
    let service = built(at(store_of(&FakeStore::default())));
    let token = grant(&service).await["token"].take();
    let mut bytes = URL_SAFE_NO_PAD.decode(token.as_str().unwrap()).unwrap();
    let key = hmac(SECRET.as_bytes(), b"presign-layer: upload token");
    let mut again = |version: u8| {
        bytes[0] = version;
        let covered = [&bytes[..1], &bytes[33..]].concat();
        let code = hmac(&key, &covered);
        bytes[1..33].copy_from_slice(&code);
        json!(URL_SAFE_NO_PAD.encode(&bytes))
    };
    assert_eq!(again(2), token, "the format is as described");
    let outdated = (400, "token_outdated".to_owned());
    for version in [0, 1, 3, 255] {
        assert_eq!(
            refused_with(&service, "/presignedUrl", &again(version)).await,
            outdated
        );
    }
}

type Seen = Arc<Mutex<Vec<(Action, String, Option<u64>, Option<String>, Option<String>)>>>;

#[tokio::test]
async fn the_hook_is_asked_again_with_what_the_token_says() {
    let fake = FakeStore::default();
    let seen = Seen::default();
    let by_hook = Arc::clone(&seen);
    let service = at(store_of(&fake))
        .policy(policy())
        .authorize(move |ask: Ask| {
            by_hook.lock().unwrap().push((
                ask.action,
                ask.file.name.clone(),
                ask.file.size,
                ask.file.content_type.clone(),
                ask.upload.map(|upload| upload.key.into_string()),
            ));
            async { Ok(Permit::new()) }
        })
        .build_service()
        .unwrap();
    let grant = grant(&service).await;
    let token = &grant["token"];
    fake.put_part(grant["parts"][0].as_str().unwrap(), MIB);
    for (endpoint, body) in [
        ("parts", json!({ "token": token, "from": 1 })),
        ("resume", json!({ "token": token })),
        ("complete", json!({ "uploads": [{ "token": token }] })),
        ("abort", json!({ "token": token })),
    ] {
        let path = format!("/presignedUrl/{endpoint}");
        let reply = post_to(service.clone(), &path, body.to_string()).await;
        assert!(reply.status.is_success(), "{}", reply.text());
    }
    let key = grant["key"].as_str().unwrap();
    let expected = [
        (Action::Grant, None),
        (Action::Parts, Some(key)),
        (Action::Resume, Some(key)),
        (Action::Complete, Some(key)),
        (Action::Abort, Some(key)),
    ]
    .map(|(action, key)| {
        let (name, kind) = ("ä.bin".to_owned(), Some("a/b".to_owned()));
        (action, name, Some(MIB), kind, key.map(str::to_owned))
    });
    assert_eq!(*seen.lock().unwrap(), expected);
}

#[tokio::test]
async fn the_hook_can_say_no_to_every_later_request() {
    let fake = FakeStore::default();
    let token = grant(&built(at(store_of(&fake)))).await["token"].take();
    let refusing = |refusal: fn() -> Refusal| {
        at(store_of(&fake))
            .policy(policy())
            .authorize(move |_| async move { Err(refusal()) })
            .build_service()
            .unwrap()
    };
    let forbidden = refusing(|| Refusal::forbidden("Your trial is over."));
    let code = refused_with(&forbidden, "/presignedUrl", &token).await;
    assert_eq!(code, (403, "forbidden".to_owned()));

    let nobody = refusing(|| Refusal::unauthenticated("Sign in."));
    for endpoint in ["resume", "complete"] {
        let body = json!({ "token": token, "uploads": [{ "token": token }] }).to_string();
        let reply = post_to(nobody.clone(), &format!("/presignedUrl/{endpoint}"), body).await;
        problem(&reply, 401, "unauthenticated");
    }
    assert_eq!(fake.calls(), ["create"], "the store is not asked");
}

/// A permit narrows when the upload ends, too.
#[tokio::test]
async fn a_later_permit_forbids_overwriting() {
    let fake = FakeStore::default();
    let service = at(store_of(&fake))
        .policy(policy().allow_overwrite())
        .authorize(|ask| async move {
            Ok(match ask.action {
                Action::Complete => Permit::new().forbid_overwrite(),
                _ => Permit::new(),
            })
        })
        .build_service()
        .unwrap();
    let grant = grant(&service).await;
    fake.put_part(grant["parts"][0].as_str().unwrap(), MIB);
    let body = json!({ "uploads": [{ "token": grant["token"] }] }).to_string();
    post_to(service, "/presignedUrl/complete", body).await;
    assert_eq!(fake.headers("complete")["if-none-match"], "*");
}

#[tokio::test]
async fn credentials_that_are_asked_for_go_with_configured_keys() {
    let fake = FakeStore::default();
    let store = Store::builder("https://s3.test", "uploads")
        .credentials_provider(|| async {
            Ok::<_, std::convert::Infallible>(Credentials::new(ACCESS_KEY_ID, SECRET))
        })
        .client(fake.clone())
        .build()
        .unwrap();
    let one = built(at(store.clone()).token_keys([KEY]));
    let token = grant(&one).await["token"].take();
    assert!(is_taken(&built(at(store).token_keys([KEY])), &token).await);
}

proptest! {
    #[test]
    fn any_text_for_a_token_is_refused(text in any::<String>(), word in "[A-Za-z0-9_-]{0,300}") {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let service = built(at(store_of(&FakeStore::default())));
        for token in [text, word] {
            let code = runtime.block_on(refused_with(&service, "/presignedUrl", &json!(token)));
            prop_assert_eq!(code, (400, "token_invalid".to_owned()));
        }
    }

    #[test]
    fn any_name_makes_a_token_that_is_read_back(name in ".{1,400}") {
        prop_assume!(!name.trim().is_empty());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let service = built(at(store_of(&FakeStore::default())));
        let files = json!({ "files": [{ "name": name, "size": 1 }] }).to_string();
        let grant = runtime.block_on(post(service.clone(), files)).json()["grants"][0].take();
        if grant.get("error").is_none() {
            prop_assert!(runtime.block_on(is_taken(&service, &grant["token"])));
        }
    }
}
