//! How much each subject may store: room is held with a grant, counted when the object is there, and given back where none comes.

use std::future::{pending, poll_fn};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;
use std::time::{Duration, SystemTime};

use futures_util::future::{Either, join_all, select};
use presign_layer::{
    Builder, Credentials, InMemoryQuota, KeyStrategy, Permit, Policy, PresignService, Quota,
    QuotaError, Reservation, Store,
};
use serde_json::{Value, json};

use crate::fake::{Failure, FakeStore};
use crate::support::{
    NOW, SECRET, ask, at, complete, complete_one, free, get, get_json, png, post, post_to, problem,
    store_of,
};

const MIB: u64 = 1 << 20;

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A mount for `fake` where every upload has an ID of its own.
fn counting(fake: &FakeStore, quota: impl Quota) -> Builder {
    let given = AtomicU64::new(0);
    at(store_of(fake)).quota(quota).random(move |bytes| {
        let next = given.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        bytes[2..].copy_from_slice(&next);
        Ok(())
    })
}

/// The mount of one who is signed in.
fn for_user(builder: Builder, user: &'static str) -> PresignService {
    let builder = builder.authorize(move |_| async move { Ok(Permit::new().subject(user)) });
    builder.build_service().unwrap()
}

fn for_42(fake: &FakeStore, quota: impl Quota) -> PresignService {
    for_user(counting(fake, quota), "42")
}

fn large(size: u64) -> Value {
    json!({ "name": "a.bin", "size": size, "type": "a/b" })
}

async fn abort(service: &PresignService, grant: &Value) {
    let body = json!({ "token": grant["token"] }).to_string();
    let reply = post_to(service.clone(), "/presignedUrl/abort", body).await;
    assert_eq!(reply.status, 204, "{}", reply.text());
}

/// The code of a file that is refused in its place.
fn code(result: &Value) -> &str {
    result["error"]["code"].as_str().unwrap_or("none")
}

/// What a quota was asked, in short: `reserve 42 5 until 60` (bytes, seconds from now).
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<(String, String)>>>);

impl Asked {
    fn note(&self, what: &str, upload: &Reservation) {
        let ends_in = upload.ends_at.duration_since(upload.now).unwrap();
        let said = format!(
            "{what} {} {} until {}",
            upload.subject,
            upload.bytes,
            ends_in.as_secs()
        );
        self.0.lock().unwrap().push((upload.id.clone(), said));
    }

    fn take(&self) -> Vec<String> {
        self.take_with_ids()
            .into_iter()
            .map(|(_, said)| said)
            .collect()
    }

    fn take_with_ids(&self) -> Vec<(String, String)> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl Quota for Asked {
    async fn reserve(&self, upload: Reservation) -> Result<(), QuotaError> {
        self.note("reserve", &upload);
        Ok(())
    }

    async fn commit(&self, upload: Reservation) -> Result<(), BoxError> {
        self.note("commit", &upload);
        Ok(())
    }

    async fn release(&self, upload: Reservation) -> Result<(), BoxError> {
        self.note("release", &upload);
        Ok(())
    }
}

#[tokio::test]
async fn nobody_is_granted_more_than_there_is_room_for() {
    let fake = FakeStore::default();
    let quota = InMemoryQuota::new(100 * MIB);
    let service = for_42(&fake, quota.clone());
    let files = json!({ "files": [large(60 * MIB), large(60 * MIB), png(1), large(40 * MIB)] });
    let reply = post(service.clone(), files.to_string()).await;
    let grants = reply.json()["grants"].take();
    let codes: Vec<&str> = grants.as_array().unwrap().iter().map(code).collect();
    assert_eq!(codes, ["none", "quota_exceeded", "none", "quota_exceeded"]);
    assert_eq!(grants[1]["error"]["quotaLeft"], 40 * MIB);
    assert_eq!(grants[3]["error"]["quotaLeft"], 40 * MIB - 1);
    assert_eq!(
        grants[1]["error"]["message"],
        "The file has 62914560 bytes; there is room for 41943040 more."
    );
    assert_eq!(fake.calls(), ["create"], "nothing else is begun");

    let other = for_user(counting(&fake, quota.clone()), "43");
    assert_eq!(code(&ask(other, large(100 * MIB)).await), "none");
    assert_eq!(quota.used("42"), 0, "nothing has arrived");
}

#[tokio::test]
async fn of_many_at_once_nobody_gets_the_same_room() {
    let fake = FakeStore::default();
    let service = for_42(&fake, InMemoryQuota::new(10));
    let asking: Vec<_> = (0..50).map(|_| ask(service.clone(), png(1))).collect();
    let answers = futures_util::future::join_all(asking).await;
    let granted = answers.iter().filter(|answer| code(answer) == "none");
    assert_eq!(granted.count(), 10);
}

#[tokio::test]
async fn what_arrives_is_counted_once() {
    let fake = FakeStore::default();
    let quota = InMemoryQuota::new(100 * MIB);
    let service = for_42(&fake, quota.clone());
    let small = ask(service.clone(), png(5)).await;
    fake.put(&small);
    let parts = ask(service.clone(), large(40 * MIB)).await;
    for (url, size) in parts["parts"].as_array().unwrap().iter().zip([16, 16, 8]) {
        fake.put_part(url.as_str().unwrap(), size * MIB);
    }
    let both = json!([{ "token": small["token"] }, { "token": parts["token"] }]);
    let at_once = (0..8).map(|_| complete(&service, both.clone()));
    futures_util::future::join_all(at_once).await;
    for _ in 0..3 {
        let done = complete(&service, both.clone()).await;
        assert!(
            done.iter().all(|done| done.get("receipt").is_some()),
            "{done:?}"
        );
        assert_eq!(quota.used("42"), 40 * MIB + 5);
    }
    // What has arrived cannot be given up any more.
    abort(&service, &small).await;
    abort(&service, &parts).await;
    assert_eq!(quota.used("42"), 40 * MIB + 5);
    quota.free("42", 40 * MIB);
    assert_eq!(quota.used("42"), 5);
}

#[tokio::test]
async fn what_has_not_arrived_is_not_counted() {
    let fake = FakeStore::default();
    let quota = InMemoryQuota::new(100);
    let service = for_42(&fake, quota.clone());
    let grant = ask(service.clone(), png(5)).await;
    assert_eq!(
        code(&complete_one(&service, &grant).await),
        "object_missing"
    );
    fake.put_object(grant["key"].as_str().unwrap(), 5, "0");
    assert_eq!(
        code(&complete_one(&service, &grant).await),
        "object_mismatch"
    );
    assert_eq!(quota.used("42"), 0);
}

#[tokio::test]
async fn room_is_held_as_long_as_bytes_can_come() {
    let fake = FakeStore::default();
    let asked = Asked::default();
    let policy = Policy::new()
        .expires_in(Duration::from_mins(5))
        .resumable_for(Duration::from_hours(2))
        .min_size(1)
        .post_below(5)
        .post_length(presign_layer::PostLength::Ranged)
        .no_content_md5();
    let service = for_user(counting(&fake, asked.clone()).policy(policy), "42");

    let put = ask(service.clone(), png(6)).await;
    assert_eq!(
        asked.take(),
        ["reserve 42 6 until 3900"],
        "5 minutes and an hour"
    );
    fake.put(&put);
    complete_one(&service, &put).await;
    let counted = ["reserve 42 6 until 10800", "commit 42 6 until 10800"];
    assert_eq!(
        asked.take(),
        counted,
        "as long as it can be completed again"
    );
    abort(&service, &put).await;
    assert_eq!(
        asked.take(),
        ["release 42 6 until 300"],
        "its URL cannot be taken back"
    );

    let parts = ask(service.clone(), large(40 * MIB)).await;
    assert_eq!(asked.take(), ["reserve 42 41943040 until 10800"]);
    abort(&service, &parts).await;
    assert_eq!(asked.take(), ["release 42 41943040 until 0"]);

    let form = ask(service.clone(), png(4)).await;
    assert_eq!(form["method"], "post");
    let fields = form["fields"].as_object().unwrap().iter();
    let fields =
        fields.map(|(name, value)| (name.to_lowercase(), value.as_str().unwrap().to_owned()));
    fake.put_as(form["key"].as_str().unwrap(), 3, fields.collect());
    complete_one(&service, &form).await;
    let asked = asked.take();
    assert_eq!(asked[0], "reserve 42 4 until 3900");
    assert_eq!(
        asked[2], "commit 42 3 until 10800",
        "what is there, not what was asked for"
    );
}

/// Built by hand, after the description of the format: the token says that the object is to stay elsewhere.
fn as_pending(grant: &Value) -> Value {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use hmac::{Hmac, KeyInit, Mac};

    let hmac = |key: &[u8], message: &[u8]| {
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(key).unwrap();
        mac.update(message);
        mac.finalize().into_bytes().to_vec()
    };
    let token = grant["token"].as_str().unwrap();
    let bytes = URL_SAFE_NO_PAD.decode(token).unwrap();
    let mut claims: Value = serde_json::from_slice(&bytes[33..]).unwrap();
    claims["g"] = json!("elsewhere");
    let covered = [vec![bytes[0]], serde_json::to_vec(&claims).unwrap()].concat();
    let code = hmac(
        &hmac(SECRET.as_bytes(), b"presign-layer: upload token"),
        &covered,
    );
    let token = [&covered[..1], &code, &covered[1..]].concat();
    json!({ "token": URL_SAFE_NO_PAD.encode(token) })
}

#[tokio::test]
async fn a_pending_file_that_is_refused_for_its_content_gives_its_room_back() {
    let fake = FakeStore::default();
    let asked = Asked::default();
    let policy = Policy::new().check_content().multipart_threshold(10);
    let service = for_user(counting(&fake, asked.clone()).policy(policy), "42");
    for (size, is_pending, released) in [
        (9, false, None),
        (9, true, Some("release 42 9 until 900")), // when its URL has expired
        (10, true, Some("release 42 10 until 0")),
    ] {
        let grant = ask(service.clone(), png(size)).await;
        if let Some(url) = grant["parts"][0].as_str() {
            fake.put_part(url, size);
            // The store in memory makes the object without its bytes.
            fake.fail("get", Failure::Refused(404, "NoSuchKey"));
            complete_one(&service, &grant).await;
        } else {
            fake.put(&grant);
        }
        let no_png = &b"0123456789"[..usize::try_from(size).unwrap()];
        fake.set_bytes(grant["key"].as_str().unwrap(), no_png);
        let token = if is_pending {
            as_pending(&grant)
        } else {
            grant
        };
        let refused = complete_one(&service, &token).await;
        assert_eq!(code(&refused), "content_mismatch");
        assert_eq!(fake.objects().len(), 1, "the one that was not pending");
        assert_eq!(asked.take().get(1).map(String::as_str), released);
    }
}

/// Neither its room nor its bytes are held for a week because of a name.
#[tokio::test]
async fn a_pending_file_whose_key_is_taken_or_that_is_not_as_granted_gives_its_room_back() {
    let fake = FakeStore::default();
    let asked = Asked::default();
    let policy = Policy::new()
        .pending_prefix("pending")
        .key(KeyStrategy::FileName)
        .multipart_threshold(10);
    let service = for_user(counting(&fake, asked.clone()).policy(policy), "42");
    fake.put_object("a.png", 1, "00000000000000000000000000000000");
    for (size, released) in [
        (9, "release 42 9 until 900"), // when its URL has expired
        (10, "release 42 10 until 0"),
    ] {
        let grant = ask(service.clone(), png(size)).await;
        match grant["parts"][0].as_str() {
            Some(url) => fake.put_part(url, size),
            None => fake.put(&grant),
        }
        let refused = complete_one(&service, &grant).await;
        assert_eq!(code(&refused), "object_exists", "{refused}");
        assert_eq!(fake.objects(), [("a.png".to_owned(), 1)]);
        assert_eq!(fake.uploads(), 0, "no part is left");
        assert_eq!(asked.take()[1..], [released]);
    }
    let grant = ask(
        service.clone(),
        json!({ "name": "b", "size": 9, "type": "a/b" }),
    )
    .await;
    fake.put(&grant);
    fake.set_header(grant["key"].as_str().unwrap(), "content-type", "c/d");
    let refused = complete_one(&service, &grant).await;
    assert_eq!(code(&refused), "object_mismatch", "{refused}");
    assert_eq!(fake.objects().len(), 1);
    assert_eq!(asked.take()[1..], ["release 42 9 until 900"]);
}

#[tokio::test]
async fn an_upload_is_the_same_one_from_its_grant_to_its_end() {
    let fake = FakeStore::default();
    let asked = Asked::default();
    let service = for_42(&fake, Arc::new(asked.clone()));
    let grant = ask(service.clone(), png(6)).await;
    fake.put(&grant);
    complete_one(&service, &grant).await;
    abort(&service, &grant).await;
    let mark = &grant["headers"]["x-amz-meta-presign-upload"];
    let ids: Vec<String> = asked
        .take_with_ids()
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    assert_eq!(json!(ids), json!([mark, mark, mark, mark]));
}

#[tokio::test]
async fn no_room_is_held_for_what_the_store_did_not_begin() {
    let fake = FakeStore::default();
    let quota = InMemoryQuota::new(40 * MIB);
    let service = for_42(&fake, quota);
    fake.fail("create", Failure::Refused(403, "AccessDenied"));
    let failed = ask(service.clone(), large(40 * MIB)).await;
    assert_eq!(code(&failed), "store_failed");
    assert_eq!(code(&ask(service, large(40 * MIB)).await), "none");
}

/// Credentials end while a request is answered, after any of its looks at the clock.
#[tokio::test]
async fn no_room_is_held_where_a_whole_request_fails() {
    let mut failed = 0;
    for looks in 0..40 {
        let asked = Asked::default();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
        let later = now + Duration::from_hours(1);
        let credentials =
            Credentials::new("id", "secret").with_expiry(now + Duration::from_mins(30));
        let store = Store::builder("https://s3.test", "uploads")
            .credentials_provider(move || {
                std::future::ready(Ok::<_, io::Error>(credentials.clone()))
            })
            .client(FakeStore::default())
            .build()
            .unwrap();
        let left = AtomicU64::new(looks);
        let given = AtomicU64::new(0);
        let service = for_user(
            at(store)
                .quota(asked.clone())
                .token_keys([[1; 32]])
                .random(move |bytes| {
                    bytes.fill(u8::try_from(given.fetch_add(1, Ordering::Relaxed)).unwrap());
                    Ok(())
                })
                .clock(move || {
                    match left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                        left.checked_sub(1)
                    }) {
                        Ok(_) => now,
                        Err(_) => later,
                    }
                }),
            "42",
        );
        let files = json!({ "files": [png(1), png(2), large(40 * MIB), png(3)] }).to_string();
        let reply = post(service, files).await;
        let mut reserved = Vec::new();
        for (id, said) in asked.take_with_ids() {
            if said.starts_with("reserve") {
                reserved.push(id);
            } else {
                assert!(said.ends_with("until 0"), "{said}");
                reserved.retain(|held| *held != id);
            }
        }
        if reply.status == 200 {
            assert_eq!(reserved.len(), 4);
        } else {
            problem(&reply, 503, "credentials_unavailable");
            assert!(reserved.is_empty(), "after {looks} looks: {reserved:?}");
            failed += 1;
        }
    }
    assert!(failed > 4, "{failed}");
}

#[tokio::test]
async fn what_has_lost_its_room_needs_it_anew() {
    let fake = FakeStore::default();
    let quota = InMemoryQuota::new(10);
    let service = for_42(&fake, quota.clone());
    let later = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW) + Duration::from_hours(2);
    let later = for_user(counting(&fake, quota.clone()).clock(move || later), "42");
    let first = ask(service.clone(), png(6)).await;
    fake.put(&first);
    // Its URL has expired long since, and another one has its room.
    let second = ask(later.clone(), png(7)).await;
    assert_eq!(second["method"], "put");
    fake.put(&second);
    let refused = complete_one(&later, &first).await;
    assert_eq!(code(&refused), "quota_exceeded");
    assert_eq!(refused["error"]["quotaLeft"], 3);
    assert!(refused.get("receipt").is_none());
    assert!(complete_one(&later, &second).await.get("receipt").is_some());
    quota.free("42", 7);
    assert!(complete_one(&later, &first).await.get("receipt").is_some());
    assert_eq!(quota.used("42"), 6);
}

#[tokio::test]
async fn what_there_is_no_room_for_is_not_promoted_and_what_is_promoted_is_counted_once() {
    let fake = FakeStore::default();
    let quota = InMemoryQuota::new(10);
    let pending = || counting(&fake, quota.clone()).policy(Policy::new().pending_prefix("pending"));
    let service = for_user(pending(), "42");
    let later = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW) + Duration::from_hours(2);
    let later = for_user(pending().clock(move || later), "42");
    let grant = ask(service, png(6)).await;
    fake.put(&grant);
    let second = ask(later.clone(), png(7)).await;
    let refused = complete_one(&later, &grant).await;
    assert_eq!(code(&refused), "quota_exceeded", "{refused}");
    assert_eq!(
        fake.objects(),
        [(grant["key"].as_str().unwrap().to_owned(), 6)]
    );
    abort(&later, &second).await;
    let much_later = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW) + Duration::from_hours(4);
    let later = for_user(pending().clock(move || much_later), "42");
    let all = join_all((0..12).map(|_| complete_one(&later, &grant))).await;
    for one in &all {
        assert_eq!(one["key"], all[0]["key"], "{one}");
        assert!(one.get("receipt").is_some(), "{one}");
    }
    assert_eq!(quota.used("42"), 6);
    assert_eq!(
        fake.objects(),
        [(all[0]["key"].as_str().unwrap().to_owned(), 6)]
    );
}

/// It goes on with nobody waiting for it.
#[tokio::test]
async fn a_copy_whose_client_went_away_is_waited_for_by_the_next_completion() {
    let fake = FakeStore::default();
    let quota = InMemoryQuota::new(10);
    let builder = counting(&fake, quota.clone()).policy(Policy::new().pending_prefix("pending"));
    let service = for_user(builder, "42");
    let grant = ask(service.clone(), png(6)).await;
    fake.put(&grant);
    let asked = fake.clone();
    // Asked before the other at every turn, so the answer is dropped as soon as the copy is there.
    let copied = poll_fn(move |context| {
        context.waker().wake_by_ref();
        if asked.calls().contains(&"copy") {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    });
    let answer = Box::pin(complete_one(&service, &grant));
    let Either::Left(_) = select(copied, answer).await else {
        panic!("it was answered");
    };
    assert_eq!(fake.objects().len(), 2, "the pending one and its copy");
    assert_eq!(quota.used("42"), 0);
    for _ in 0..2 {
        let done = complete_one(&service, &grant).await;
        assert_eq!(done["size"], 6, "{done}");
        assert_eq!(quota.used("42"), 6);
    }
    assert_eq!(fake.objects().len(), 1);
    let calls = fake.calls();
    assert_eq!(calls.iter().filter(|call| **call == "copy").count(), 1);
}

#[tokio::test]
async fn the_application_is_told_of_what_is_counted_and_of_nothing_else() {
    let fake = FakeStore::default();
    let quota = InMemoryQuota::new(10);
    let told = Arc::new(Mutex::new(Vec::new()));
    let (telling, counted) = (Arc::clone(&told), quota.clone());
    let builder = counting(&fake, quota.clone()).on_complete(move |completed| {
        telling.lock().unwrap().push(completed.receipt.size());
        let used = counted.used("42");
        async move { Ok(used) }
    });
    let service = for_user(builder, "42");
    let grant = ask(service.clone(), png(6)).await;
    fake.put(&grant);
    // What is there already is more than was thought.
    abort(&service, &grant).await;
    quota.set_used("42", 10);
    let later = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW) + Duration::from_mins(15);
    let sweeping = for_user(counting(&fake, quota.clone()).clock(move || later), "42");
    assert_eq!(code(&ask(sweeping, png(1)).await), "quota_exceeded");
    assert_eq!(
        code(&complete_one(&service, &grant).await),
        "quota_exceeded"
    );
    assert_eq!(*told.lock().unwrap(), [] as [u64; 0]);
    quota.set_used("42", 0);
    assert_eq!(complete_one(&service, &grant).await["data"], 6);
    assert_eq!(*told.lock().unwrap(), [6]);
}

#[tokio::test]
async fn a_hook_that_names_nobody_is_a_mistake_and_a_public_mount_is_shared() {
    let fake = FakeStore::default();
    for permit in [Permit::new(), Permit::new().subject("")] {
        let quota = InMemoryQuota::new(10);
        let nobody = counting(&fake, quota).authorize(move |_| {
            let permit = permit.clone();
            async move { Ok(permit) }
        });
        let nobody = nobody.build_service().unwrap();
        assert_eq!(code(&ask(nobody, png(1)).await), "internal");
    }
    let quota = InMemoryQuota::new(10);
    let all = counting(&fake, quota.clone())
        .public()
        .build_service()
        .unwrap();
    let grant = ask(all.clone(), png(6)).await;
    assert_eq!(code(&ask(all.clone(), png(6)).await), "quota_exceeded");
    fake.put(&grant);
    complete_one(&all, &grant).await;
    assert_eq!(quota.used(""), 6);
}

#[tokio::test]
async fn what_nobody_completes_is_counted_when_it_is_granted() {
    let fake = FakeStore::default();
    let quota = InMemoryQuota::new(10);
    let service = for_user(counting(&fake, quota.clone()).policy(free()), "42");
    let reply = get(service.clone(), "/presignedUrl?name=a&size=6&type=a/b").await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    assert_eq!(quota.used("42"), 6);
    let reply = get_json(service.clone(), "/presignedUrl?name=a&size=6&type=a/b").await;
    let refused = problem(&reply, 403, "quota_exceeded");
    assert_eq!(refused["quotaLeft"], 4);
    let reply = get(service.clone(), "/presignedUrl?name=a").await;
    problem(&reply, 400, "size_and_type_required");

    let quota = InMemoryQuota::new(10);
    let unverified = counting(&fake, quota.clone()).policy(Policy::new().unverified());
    let unverified = for_user(unverified, "42");
    let files = json!({ "files": [png(6), png(6), large(40 * MIB)] });
    let grants = post(unverified, files.to_string()).await.json()["grants"].take();
    let codes: Vec<&str> = grants.as_array().unwrap().iter().map(code).collect();
    assert_eq!(codes, ["none", "quota_exceeded", "quota_exceeded"]);
    assert_eq!(quota.used("42"), 6);
}

/// What goes wrong with the application's books.
#[derive(Clone, Copy)]
enum Broken {
    Fails,
    Panics,
    PanicsLater,
    Hangs,
}

impl Broken {
    async fn run(self) -> Result<(), io::Error> {
        match self {
            Self::Fails => Err(io::Error::other("the password is hunter2")),
            Self::Panics => panic!("the password is hunter2"),
            Self::PanicsLater => {
                tokio::task::yield_now().await;
                panic!("the password is hunter2")
            }
            Self::Hangs => pending().await,
        }
    }
}

/// Books of which one call breaks.
#[derive(Clone)]
struct Breaking(&'static str, Broken);

impl Breaking {
    async fn at(&self, call: &str) -> Result<(), io::Error> {
        if call == self.0 {
            self.1.run().await?;
        }
        Ok(())
    }
}

impl Quota for Breaking {
    async fn reserve(&self, _: Reservation) -> Result<(), QuotaError> {
        Ok(self.at("reserve").await?)
    }

    async fn commit(&self, _: Reservation) -> Result<(), BoxError> {
        Ok(self.at("commit").await?)
    }

    async fn release(&self, _: Reservation) -> Result<(), BoxError> {
        Ok(self.at("release").await?)
    }
}

#[tokio::test(start_paused = true)]
async fn books_that_break_grant_nothing_and_take_nobody_down() {
    for (broken, status, said) in [
        (Broken::Fails, 500, "internal"),
        (Broken::Panics, 500, "internal"),
        (Broken::PanicsLater, 500, "internal"),
        (Broken::Hangs, 503, "hook_timed_out"),
    ] {
        let fake = FakeStore::default();
        let sound = for_42(&fake, InMemoryQuota::new(u64::MAX));
        let small = ask(sound.clone(), png(5)).await;
        fake.put(&small);
        let parts = ask(sound.clone(), large(40 * MIB)).await;

        let reserving = for_42(&fake, Breaking("reserve", broken));
        let files = json!({ "files": [png(1), large(40 * MIB)] }).to_string();
        let reply = post(reserving.clone(), files).await;
        problem(&reply, status, said);
        assert!(!reply.text().contains("hunter2"));
        assert_eq!(fake.calls(), ["create"], "only the sound one's");

        for call in ["reserve", "commit"] {
            let completing = for_42(&fake, Breaking(call, broken));
            let both = json!([{ "token": small["token"] }, { "token": parts["token"] }]);
            let results = complete(&completing, both).await;
            assert_eq!(code(&results[0]), said, "{call}");
            assert!(results[0].get("receipt").is_none());
            assert_eq!(
                code(&results[1]),
                "parts_missing",
                "others have their own answer"
            );
        }
        let releasing = for_42(&fake, Breaking("release", broken));
        abort(&releasing, &parts).await;
        assert_eq!(fake.uploads(), 0, "it is given up all the same");
        assert!(complete_one(&sound, &small).await.get("receipt").is_some());
    }
}
