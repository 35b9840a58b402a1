//! Attacks on the books: more room than there is, by asking at once, completing again, and giving up what is sent all the same.

use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::{FutureExt, join_all};
use presign_layer::{InMemoryQuota, Permit, Policy, PresignService};
use serde_json::{Value, json};

use crate::fake::FakeStore;
use crate::support::{ask, at, complete, complete_one, png, post, post_to, store_of};

/// Bytes that a user may store.
const ROOM: u64 = 20;

fn policies() -> [Policy; 3] {
    let small = || Policy::new().no_content_md5();
    [
        small(),
        small().post_below(100),
        small().pending_prefix("pending"),
    ]
}

fn user(fake: &FakeStore, quota: &InMemoryQuota, policy: Policy) -> PresignService {
    let given = AtomicU64::new(0);
    at(store_of(fake))
        .policy(policy)
        .quota(quota.clone())
        .random(move |bytes| {
            let next = given.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            bytes[2..].copy_from_slice(&next);
            Ok(())
        })
        .authorize(|_| async { Ok(Permit::new().subject("42")) })
        .build_service()
        .unwrap()
}

fn send(fake: &FakeStore, grant: &Value, size: u64) {
    if grant["method"] == "post" {
        crate::arriving::post_form(fake, grant, size);
    } else {
        fake.put(grant);
    }
}

fn code(result: &Value) -> &str {
    result["error"]["code"].as_str().unwrap_or("none")
}

async fn abort(service: &PresignService, grant: &Value) {
    let body = json!({ "token": grant["token"] }).to_string();
    let reply = post_to(service.clone(), "/presignedUrl/abort", body).await;
    assert_eq!(reply.status, 204, "{}", reply.text());
}

#[tokio::test]
async fn parallel_grants_share_one_room() {
    for policy in policies() {
        let fake = FakeStore::default();
        let quota = InMemoryQuota::new(ROOM);
        let service = user(&fake, &quota, policy);
        let body = json!({ "files": [png(3), png(3), png(3)] }).to_string();
        let asking = (0..30).map(|_| post(service.clone(), body.clone()));
        let mut granted = Vec::new();
        for reply in join_all(asking).await {
            let Value::Array(grants) = reply.json()["grants"].take() else {
                panic!("{}", reply.text());
            };
            for grant in grants {
                match code(&grant) {
                    "none" => granted.push(grant),
                    other => assert_eq!(other, "quota_exceeded"),
                }
            }
        }
        assert_eq!(granted.len() as u64, ROOM / 3);
        for grant in &granted {
            send(&fake, grant, 3);
        }
        let all = join_all(granted.iter().map(|grant| complete_one(&service, grant))).await;
        assert!(
            all.iter().all(|one| one.get("receipt").is_some()),
            "{all:?}"
        );
        assert_eq!(quota.used("42"), ROOM / 3 * 3);
        assert_eq!(code(&ask(service, png(3)).await), "quota_exceeded");
    }
}

#[tokio::test]
async fn completing_again_makes_no_room_and_takes_none() {
    for policy in policies() {
        let fake = FakeStore::default();
        let quota = InMemoryQuota::new(ROOM);
        let service = user(&fake, &quota, policy);
        let grant = ask(service.clone(), png(6)).await;
        send(&fake, &grant, 6);
        let twice = json!([{ "token": grant["token"] }, { "token": grant["token"] }]);
        let completing = (0..10).map(|_| complete(&service, twice.clone()));
        for one in join_all(completing).await.concat() {
            assert!(one.get("receipt").is_some(), "{one}");
        }
        assert_eq!(quota.used("42"), 6);
        for _ in 0..5 {
            abort(&service, &grant).await;
            complete_one(&service, &grant).await;
            assert_eq!(quota.used("42"), 6, "what has arrived stays counted, once");
        }
        let refused = ask(service.clone(), png(15)).await;
        assert_eq!(refused["error"]["quotaLeft"], 14, "{refused}");
        assert_eq!(code(&ask(service, png(14)).await), "none");
    }
}

#[tokio::test]
async fn what_is_given_up_and_sent_all_the_same_gains_no_room() {
    for policy in policies() {
        let fake = FakeStore::default();
        let quota = InMemoryQuota::new(ROOM);
        let service = user(&fake, &quota, policy);
        let mut given_up = Vec::new();
        // Room after room is given up, before it is sent, and sent.
        loop {
            let grant = ask(service.clone(), png(6)).await;
            if code(&grant) == "quota_exceeded" {
                break;
            }
            assert_eq!(code(&grant), "none", "{grant}");
            assert!(given_up.len() < 4, "without end");
            abort(&service, &grant).await;
            send(&fake, &grant, 6);
            abort(&service, &grant).await;
            send(&fake, &grant, 6);
            given_up.push(grant);
        }
        assert_eq!(given_up.len() as u64, ROOM / 6);
        assert_eq!(quota.used("42"), 0);
        for grant in &given_up {
            assert!(complete_one(&service, grant).await.get("receipt").is_some());
        }
        assert_eq!(quota.used("42"), ROOM / 6 * 6, "what is there is counted");
        assert_eq!(code(&ask(service, png(6)).await), "quota_exceeded");
    }
}

/// Parts become an object under its own key: no lifecycle rule takes that away.
#[tokio::test]
async fn what_parts_become_is_counted_wherever_their_uploader_hangs_up() {
    const MIB: u64 = 1 << 20;
    const POLLS: usize = 30;
    let mut arrived = 0;
    for polls in 0..POLLS {
        let fake = FakeStore::default();
        let quota = InMemoryQuota::new(20 * MIB);
        let policy = Policy::new().multipart_threshold(0).part_size(5 * MIB);
        let service = user(&fake, &quota, policy);
        let file = json!({ "name": "a.bin", "size": 12 * MIB, "type": "a/b" });
        let grant = ask(service.clone(), file).await;
        for (url, size) in grant["parts"].as_array().unwrap().iter().zip([5, 5, 2]) {
            fake.put_part(url.as_str().unwrap(), size * MIB);
        }
        let mut completing = Box::pin(complete_one(&service, &grant));
        for _ in 0..polls {
            if completing.as_mut().now_or_never().is_some() {
                completing = Box::pin(complete_one(&service, &grant));
            }
            tokio::task::yield_now().await;
        }
        drop(completing);
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        let there = !fake.objects().is_empty();
        arrived += usize::from(there);
        let used = if there { 12 * MIB } else { 0 };
        assert_eq!(quota.used("42"), used, "{polls}");
        let again = complete_one(&service, &grant).await;
        assert!(again["receipt"].is_string(), "{polls}: {again}");
        assert_eq!(quota.used("42"), 12 * MIB, "{polls}");
    }
    assert!((POLLS / 2..POLLS).contains(&arrived), "{arrived}");
}
