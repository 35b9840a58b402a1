//! Attacks on what is pending: other bytes than those that were looked at, and others' files.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use futures_util::future::{FutureExt, join_all};
use presign_layer::{
    Builder, Capabilities, Credentials, InMemoryQuota, KeyStrategy, Permit, Policy, PresignService,
    Store,
};
use serde_json::{Value, json};

use crate::arriving::post_form;
use crate::fake::FakeStore;
use crate::support::{
    ACCESS_KEY_ID, SECRET, ask, at, complete, complete_one, get, png, post_to, problem,
};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
const HTML: &[u8] = b"<!doctype html> ";
const MIB: u64 = 1 << 20;

fn policy() -> Policy {
    Policy::new()
        .pending_prefix("pending")
        .key(KeyStrategy::FileName)
}

/// Users of one mount. Their files have their names as their keys, so that two may want the same.
struct Users {
    fake: FakeStore,
    store: Store,
    policy: Policy,
    quota: InMemoryQuota,
    given: Arc<AtomicU8>,
}

impl Users {
    fn at(capabilities: Capabilities, policy: Policy) -> Self {
        let fake = FakeStore::default();
        let store = Store::builder("https://s3.test", "uploads")
            .credentials(Credentials::new(ACCESS_KEY_ID, SECRET))
            .capabilities(capabilities)
            .client(fake.clone())
            .build()
            .unwrap();
        Self {
            fake,
            store,
            policy,
            quota: InMemoryQuota::new(100 * MIB),
            given: Arc::default(),
        }
    }

    /// The mount as this user finds it.
    fn user(&self, name: &'static str) -> PresignService {
        self.builder(name).build_service().unwrap()
    }

    fn builder(&self, name: &'static str) -> Builder {
        let given = Arc::clone(&self.given);
        at(self.store.clone())
            .policy(self.policy.clone())
            .quota(self.quota.clone())
            .random(move |bytes| {
                bytes.fill(given.fetch_add(1, Ordering::Relaxed));
                Ok(())
            })
            .authorize(move |_| async move { Ok(Permit::new().subject(name)) })
            .downloads()
    }

    fn keys(&self) -> Vec<String> {
        self.fake
            .objects()
            .into_iter()
            .map(|(key, _)| key)
            .collect()
    }

    fn send(&self, grant: &Value, bytes: &[u8]) {
        self.fake.put(grant);
        self.fake.set_bytes(key(grant), bytes);
    }

    /// Other bytes come to a pending key just before it is copied, and have the `ETag` of those that were looked at.
    fn swap_before(&self, call: &'static str, grant: &Value) {
        let pending = key(grant).to_owned();
        self.fake.before(call, move |objects| {
            objects.get_mut(&pending).unwrap().first = HTML.to_vec();
        });
    }
}

fn key(grant: &Value) -> &str {
    grant["key"].as_str().unwrap()
}

fn code(result: &Value) -> &str {
    result["error"]["code"].as_str().unwrap_or("none")
}

async fn abort(service: &PresignService, grant: &Value) -> crate::support::Reply {
    let body = json!({ "token": grant["token"] }).to_string();
    post_to(service.clone(), "/presignedUrl/abort", body).await
}

/// How mounts copy, and which call of a promotion is therefore the last before other bytes are too late.
fn mounts() -> [(Capabilities, Policy, &'static str); 4] {
    let (aws, minio) = (Capabilities::aws(), Capabilities::minio());
    [
        (aws, policy(), "copy"),
        (aws, policy().allow_overwrite(), "copy"),
        (minio, policy(), "copy part"),
        (minio, policy().allow_overwrite(), "copy"),
    ]
}

#[tokio::test]
async fn what_is_swapped_under_the_same_etag_is_found_where_it_stays() {
    for (capabilities, policy, call) in mounts() {
        let users = Users::at(capabilities, policy.check_content());
        let service = users.user("42");
        let grant = ask(service.clone(), png(16)).await;
        users.send(&grant, PNG);
        users.swap_before(call, &grant);
        let refused = complete_one(&service, &grant).await;
        assert_eq!(code(&refused), "content_mismatch", "{call}: {refused}");
        assert!(refused.get("receipt").is_none());
        assert!(users.keys().is_empty(), "{call}: {:?}", users.keys());
        assert_eq!(users.quota.used("42"), 0);
        assert_eq!(users.fake.uploads(), 0);

        // What is honest arrives all the same.
        users.send(&grant, PNG);
        assert_eq!(complete_one(&service, &grant).await["key"], "a.png");
        assert_eq!(users.keys(), ["a.png"]);
        assert_eq!(users.quota.used("42"), 16);
    }
}

/// At another server of the same mount: within one, calls for the same upload wait for each other.
async fn complete_one_at(server: PresignService, grant: &Value) -> Value {
    complete_one(&server, grant).await
}

/// So many ask for it at once, are polled so often, and hang up; then what was begun has its time.
async fn complete_and_hang_up(
    service: &PresignService,
    grant: &Value,
    callers: usize,
    polls: usize,
) {
    let mut completing = join_all((0..callers).map(|_| complete_one(service, grant)));
    for _ in 0..polls {
        if (&mut completing).now_or_never().is_some() {
            return;
        }
        tokio::task::yield_now().await;
    }
    drop(completing);
    let_others_go_on().await;
}

async fn let_others_go_on() {
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}

/// Enough for the first who asks to have its answer.
const POLLS: usize = 60;

#[tokio::test]
async fn what_is_copied_is_counted_wherever_its_uploader_hangs_up() {
    for (capabilities, policy, call) in mounts() {
        for callers in [1, 12] {
            let mut copied = 0;
            for polls in 0..POLLS {
                let case = format!("{call}, {callers}, {polls}");
                let users = Users::at(capabilities, policy.clone());
                let service = users.user("42");
                let grant = ask(service.clone(), png(16)).await;
                users.send(&grant, PNG);
                complete_and_hang_up(&service, &grant, callers, polls).await;
                if users.keys().contains(&"a.png".to_owned()) {
                    copied += 1;
                    assert_eq!(users.quota.used("42"), 16, "{case}");
                    assert_eq!(users.keys(), ["a.png"], "{case}");
                }
                assert_eq!(users.fake.uploads(), 0, "{case}: parts are left");
                let again = complete_one(&service, &grant).await;
                assert!(again["receipt"].is_string(), "{case}: {again}");
                assert_eq!(users.quota.used("42"), 16, "{case}");
            }
            assert!((POLLS / 2..POLLS).contains(&copied), "{call}: {copied}");
        }
    }
}

#[tokio::test]
async fn what_is_swapped_does_not_stay_wherever_its_uploader_hangs_up() {
    for (capabilities, policy, call) in mounts() {
        for callers in [1, 12] {
            let mut copied = 0;
            for polls in 0..POLLS {
                let users = Users::at(capabilities, policy.clone().check_content());
                let service = users.user("42");
                let grant = ask(service.clone(), png(16)).await;
                users.send(&grant, PNG);
                users.swap_before(call, &grant);
                complete_and_hang_up(&service, &grant, callers, polls).await;
                copied += usize::from(users.fake.calls().contains(&call));
                let keys = users.keys();
                let case = format!("{call}, {callers}, {polls}");
                assert!(!keys.contains(&"a.png".to_owned()), "{case}");
            }
            assert!((POLLS / 2..POLLS).contains(&copied), "{call}: {copied}");
        }
    }
}

/// Wherever its completion is when an upload is given up: there is never room for both it and another one. It went in parts, of which the room is
/// given back at once.
#[tokio::test]
async fn what_is_given_up_while_it_is_completed_keeps_its_room() {
    let not_pending = Policy::new().key(KeyStrategy::FileName);
    let not_pending = (Capabilities::aws(), not_pending, "complete");
    for (capabilities, policy, call) in mounts().into_iter().chain([not_pending]) {
        let policy = policy.multipart_threshold(6 * MIB).part_size(5 * MIB);
        let mut arrived = 0;
        for polls in 0..POLLS {
            let case = format!("{call}, {polls}");
            let mut users = Users::at(capabilities, policy.clone());
            users.quota = InMemoryQuota::new(20 * MIB);
            let service = users.user("42");
            let grant = ask(service.clone(), png(12 * MIB)).await;
            for (url, size) in grant["parts"].as_array().unwrap().iter().zip([5, 5, 2]) {
                users.fake.put_part(url.as_str().unwrap(), size * MIB);
            }
            let mut completing = Box::pin(complete_one(&service, &grant));
            for _ in 0..polls {
                if completing.as_mut().now_or_never().is_some() {
                    completing = Box::pin(complete_one(&service, &grant));
                }
                tokio::task::yield_now().await;
            }
            // What is under way takes longer than giving it up and asking anew.
            let completing = async {
                let_others_go_on().await;
                completing.await
            };
            let giving_up = async {
                assert_eq!(abort(&service, &grant).await.status, 204, "{case}");
                ask(service.clone(), png(9 * MIB)).await
            };
            let (_, another) = tokio::join!(completing, giving_up);
            let has_arrived = users.keys().contains(&"a.png".to_owned());
            arrived += usize::from(has_arrived);
            let used = users.quota.used("42");
            assert_eq!(used, if has_arrived { 12 * MIB } else { 0 }, "{case}");
            let expected = if has_arrived {
                "quota_exceeded"
            } else {
                "none"
            };
            assert_eq!(code(&another), expected, "{case}");
        }
        assert!((POLLS / 2..POLLS).contains(&arrived), "{call}: {arrived}");
    }
}

/// However often that is done with one upload at once, one of them copies it, and goes on.
#[tokio::test]
async fn who_hangs_up_many_times_at_once_leaves_no_more_work_than_who_does_once() {
    for (capabilities, policy, call) in mounts() {
        let mut calls = Vec::new();
        for callers in [1, 50] {
            let users = Users::at(capabilities, policy.clone());
            let service = users.user("42");
            let grant = ask(service.clone(), png(16)).await;
            users.send(&grant, PNG);
            let mut completing = join_all((0..callers).map(|_| complete_one(&service, &grant)));
            while !users.fake.calls().contains(&call) {
                assert!((&mut completing).now_or_never().is_none());
                tokio::task::yield_now().await;
            }
            drop(completing);
            let_others_go_on().await;
            calls.push(users.fake.calls());
            assert_eq!(users.keys(), ["a.png"]);
            assert_eq!(users.fake.uploads(), 0);
            assert_eq!(users.quota.used("42"), 16);
        }
        assert_eq!(calls[0], calls[1]);
    }
}

/// The application is told of it too, and may take as long as ever.
#[tokio::test(start_paused = true)]
async fn who_hangs_up_during_a_copy_has_the_application_told_and_no_hook_wait_for_ever() {
    for hangs in [false, true] {
        let users = Users::at(Capabilities::aws(), policy());
        let (told, ended) = (Arc::new(AtomicU8::new(0)), Arc::new(AtomicU8::new(0)));
        let hook = (Arc::clone(&told), Arc::clone(&ended));
        let service = users.builder("42").on_complete(move |_| {
            let (told, ended) = hook.clone();
            told.fetch_add(1, Ordering::Relaxed);
            async move {
                let _ending = Ending(ended);
                if hangs {
                    std::future::pending::<()>().await;
                }
                Ok(())
            }
        });
        let service = service.build_service().unwrap();
        let grant = ask(service.clone(), png(16)).await;
        users.send(&grant, PNG);
        let mut completing = Box::pin(complete_one(&service, &grant));
        while !users.fake.calls().contains(&"copy") {
            assert!((&mut completing).now_or_never().is_none());
            tokio::task::yield_now().await;
        }
        drop(completing);
        let_others_go_on().await;
        assert_eq!(told.load(Ordering::Relaxed), 1);
        assert_eq!(ended.load(Ordering::Relaxed), u8::from(!hangs));
        tokio::time::sleep(std::time::Duration::from_secs(31)).await;
        assert_eq!(ended.load(Ordering::Relaxed), 1);
    }
}

/// Counts its end, whichever way that comes.
struct Ending(Arc<AtomicU8>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Between the copy and the second look the object is under its key: nobody who asks just then is told that it has arrived.
#[tokio::test]
async fn nobody_has_a_receipt_for_what_is_swapped_however_many_ask_at_once() {
    for (capabilities, policy, call) in mounts() {
        let users = Users::at(capabilities, policy.check_content());
        let service = users.user("42");
        let grant = ask(service.clone(), png(16)).await;
        users.send(&grant, PNG);
        users.swap_before(call, &grant);
        for one in join_all((0..12).map(|_| complete_one_at(users.user("42"), &grant))).await {
            let expected = ["content_mismatch", "object_missing", "object_mismatch"];
            assert!(expected.contains(&code(&one)), "{call}: {one}");
            assert!(one.get("receipt").is_none(), "{call}: {one}");
        }
        assert!(users.keys().is_empty(), "{call}: {:?}", users.keys());
        assert_eq!(users.quota.used("42"), 0);
    }
}

/// A copy that nobody has looked at is left by a server that ends in the middle.
#[test]
fn what_no_second_look_came_to_has_no_receipt_later_either() {
    let server = || {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
    };
    let users = Users::at(Capabilities::aws(), policy().check_content());
    let service = users.user("42");
    let grant = server().block_on(async {
        let grant = ask(service.clone(), png(16)).await;
        users.send(&grant, PNG);
        users.swap_before("copy", &grant);
        let completing = Box::pin(complete_one(&service, &grant));
        let copied = async {
            while users.fake.object("a.png").is_none() {
                tokio::task::yield_now().await;
            }
        };
        let ended = futures_util::future::select(completing, Box::pin(copied)).await;
        assert!(matches!(ended, futures_util::future::Either::Right(_)));
        drop(ended);
        grant
    });
    assert_eq!(users.keys(), ["a.png", key(&grant)]);
    server().block_on(async {
        for _ in 0..3 {
            let refused = complete_one(&service, &grant).await;
            assert_eq!(code(&refused), "content_mismatch", "{refused}");
        }
    });
    assert_eq!(users.quota.used("42"), 0);
}

#[tokio::test]
async fn what_has_arrived_stays_whatever_is_sent_to_where_it_was_pending() {
    for (capabilities, policy, _) in mounts() {
        let users = Users::at(capabilities, policy.check_content());
        let service = users.user("42");
        let grant = ask(service.clone(), png(16)).await;
        users.send(&grant, PNG);
        let done = complete_one(&service, &grant).await;
        assert_eq!(done["key"], "a.png", "{done}");
        let was = users.fake.object("a.png").unwrap();
        for bytes in [HTML, PNG] {
            users.send(&grant, bytes);
            assert_eq!(complete_one(&service, &grant).await, done);
            users.send(&grant, bytes);
            assert_eq!(abort(&service, &grant).await.status, 204);
            let is = users.fake.object("a.png").unwrap();
            assert_eq!((is.first, is.etag), (was.first.clone(), was.etag.clone()));
            assert_eq!(users.keys(), ["a.png"], "what is pending is of no use");
        }
        assert_eq!(users.quota.used("42"), 16, "counted once");
    }
}

#[tokio::test]
async fn what_another_has_pending_is_deleted_by_nothing_that_is_said() {
    let users = Users::at(Capabilities::aws(), policy().post_below(10));
    let (ours, theirs) = (users.user("42"), users.user("43"));
    let victim = ask(theirs.clone(), png(5)).await;
    post_form(&users.fake, &victim, 5);
    let pending = key(&victim).to_owned();
    let untouched = || {
        assert!(users.keys().contains(&pending), "{:?}", users.keys());
    };

    // With the other's token.
    problem(&abort(&ours, &victim).await, 403, "token_foreign");
    untouched();
    for md5 in ["1B2M2Y8AsgTpgAmY7PhCfg==", "nonsense"] {
        let upload = json!({ "token": victim["token"], "contentMd5": md5 });
        let refused = complete(&ours, json!([upload])).await;
        assert_eq!(code(&refused[0]), "token_foreign");
        untouched();
    }

    // With one's own, for a file of the same name, which is to have the same key.
    let own = ask(ours.clone(), png(5)).await;
    assert_ne!(key(&own), pending);
    for key_beside in [json!({ "key": pending }), json!({ "finalKey": pending })] {
        let mut body = key_beside;
        body["token"] = own["token"].clone();
        post_to(ours.clone(), "/presignedUrl/abort", body.to_string()).await;
        untouched();
    }
    post_form(&users.fake, &own, 5);
    let wrong = json!([{ "token": own["token"], "contentMd5": "1B2M2Y8AsgTpgAmY7PhCfg==" }]);
    let refused = complete(&ours, wrong.clone()).await;
    assert_eq!(code(&refused[0]), "checksum_mismatch");
    assert_eq!(users.keys(), std::slice::from_ref(&pending));

    // The other's arrives, and stays.
    let md5 = "5No7f7vOI0XXdysGdKMY1Q=="; // of "5", which is what the store in memory says
    let arrives = complete(
        &theirs,
        json!([{ "token": victim["token"], "contentMd5": md5 }]),
    )
    .await;
    assert_eq!(arrives[0]["key"], "a.png", "{arrives:?}");
    post_form(&users.fake, &own, 5);
    let refused = complete(&ours, wrong).await;
    assert_eq!(code(&refused[0]), "object_exists", "{refused:?}");
    assert_eq!(abort(&ours, &own).await.status, 204);
    assert_eq!(users.keys(), ["a.png"]);
}

#[tokio::test]
async fn what_is_pending_is_read_and_reached_by_no_name() {
    let users = Users::at(Capabilities::aws(), policy());
    let (ours, theirs) = (users.user("42"), users.user("43"));
    let victim = ask(theirs, png(5)).await;
    users.fake.put(&victim);
    let pending = key(&victim);
    let mark = pending.strip_prefix("pending/").unwrap();
    let before = users.fake.calls().len();
    for spelt in [
        pending.to_owned(),
        pending.replace('/', "%2F"),
        pending.replace("pending", "%70ending"),
        format!("/{pending}"),
        format!("./{pending}"),
        format!("x/../{pending}"),
        format!("pending//{mark}"),
        format!("pending/./{mark}"),
        format!("PENDING/{mark}"),
    ] {
        let reply = get(ours.clone(), &format!("/presignedUrl/download?key={spelt}")).await;
        assert!(reply.status.is_client_error(), "{spelt}: {}", reply.text());
        // Nor is anything sent there.
        let file = json!({ "name": spelt, "size": 5, "type": "image/png" });
        let grant = ask(ours.clone(), file).await;
        assert_ne!(grant["key"], pending, "{spelt}");
    }
    let asked = users.fake.calls().split_off(before);
    assert!(asked.iter().all(|call| *call == "head"), "{asked:?}");
    let object = users.fake.object(pending).unwrap();
    assert_eq!(object.size, 5);
}
