//! Uploads that make the application's own code fall over, to take others down with it.

use std::future::{Pending, pending};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use presign_layer::{Completed, Permit, Policy, PresignService, Refusal};
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::fake::FakeStore;
use crate::support::{ask, at, complete, never_the_same, post_to, problem, store_of};

const SECONDS: u64 = 5;

fn told<F, T>(
    fake: &FakeStore,
    hook: impl Fn(Completed) -> F + Send + Sync + 'static,
) -> PresignService
where
    F: Future<Output = Result<T, Refusal>> + Send + 'static,
    T: Serialize,
{
    at(store_of(fake))
        .policy(Policy::new())
        .random(never_the_same())
        .public()
        .on_complete(hook)
        .hook_timeout(Duration::from_secs(SECONDS))
        .build_service()
        .unwrap()
}

/// Uploads files of these names, and completes them at once.
async fn completed(fake: &FakeStore, service: &PresignService, names: &[&str]) -> Vec<Value> {
    let mut uploads = Vec::new();
    for name in names {
        let file = json!({ "name": name, "size": 5, "type": "image/png" });
        let grant = ask(service.clone(), file).await;
        fake.put(&grant);
        uploads.push(json!({ "token": grant["token"] }));
    }
    complete(service, json!(uploads)).await
}

/// The first of these is refused, and the others are not.
fn only_the_first_is_refused(results: &[Value], code: &str) {
    assert_eq!(results[0]["error"]["code"], code, "{}", results[0]);
    assert!(results[0].get("receipt").is_none(), "{}", results[0]);
    for other in &results[1..] {
        assert!(other["receipt"].is_string(), "{other}");
    }
}

/// What panics when it is let go of, as what a panic is about may.
struct Falls;

impl Drop for Falls {
    fn drop(&mut self) {
        panic!("it panics when it is dropped");
    }
}

struct NoJson(bool);

impl Serialize for NoJson {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        assert!(!self.0, "the key is hunter2");
        serializer.serialize_bool(false)
    }
}

/// Before it gives a future, in the future, when it is over, with what it is about, and when its answer is written.
#[tokio::test]
async fn a_hook_that_panics_wherever_it_can_refuses_its_own_upload_alone() {
    let fake = FakeStore::default();
    let at_once = told(&fake, |completed| {
        assert!(completed.name != "bad", "the key is hunter2");
        async { Ok(()) }
    });
    let later = told(&fake, async |completed| {
        tokio::task::yield_now().await;
        assert!(completed.name != "bad", "the key is hunter2");
        Ok(())
    });
    let about_what_falls = told(&fake, async |completed| {
        if completed.name == "bad" {
            std::panic::panic_any(Falls);
        }
        Ok(())
    });
    let at_its_end = told(&fake, async |completed| {
        let _falls = (completed.name == "bad").then(|| Falls);
        tokio::task::yield_now().await;
        Ok(())
    });
    let of_its_answer = told(&fake, async |completed| Ok(NoJson(completed.name == "bad")));
    for service in [at_once, later, about_what_falls, at_its_end, of_its_answer] {
        let results = completed(&fake, &service, &["bad", "good", "good too"]).await;
        only_the_first_is_refused(&results, "internal");
        assert!(!json!(results).to_string().contains("hunter2"));
    }
}

/// A future that hangs, and panics when it is given up.
struct HangsAndFalls(Pending<()>, Option<Falls>);

impl Future for HangsAndFalls {
    type Output = Result<(), Refusal>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.1.is_none() {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.0).poll(context).map(Ok)
    }
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_hangs_and_panics_when_it_is_given_up_refuses_its_own_upload_alone() {
    let fake = FakeStore::default();
    let service = told(&fake, |completed| {
        HangsAndFalls(pending(), (completed.name == "bad").then(|| Falls))
    });
    let results = completed(&fake, &service, &["bad", "good", "good too"]).await;
    only_the_first_is_refused(&results, "hook_timed_out");
    // Nor where several do at the same moment.
    let results = completed(&fake, &service, &["bad", "bad", "bad", "good"]).await;
    assert_eq!(results[2]["error"]["code"], "hook_timed_out");
    assert!(results[3]["receipt"].is_string(), "{}", results[3]);
}

/// A hundred that hang are waited for eight at a time, and nobody else's request waits for them.
#[tokio::test(start_paused = true)]
async fn a_batch_whose_hooks_all_hang_comes_to_its_end_and_holds_nobody() {
    let fake = FakeStore::default();
    let service = told(&fake, async |completed| {
        if completed.name == "hangs" {
            pending::<()>().await;
        }
        Ok(())
    });
    let begun = Instant::now();
    let hanging = completed(&fake, &service, &["hangs"; 100]);
    let mine = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let mine = completed(&fake, &service, &["mine"]).await;
        assert!(mine[0]["receipt"].is_string(), "{}", mine[0]);
        begun.elapsed().as_secs()
    };
    let (results, mine) = tokio::join!(hanging, mine);
    assert_eq!(mine, 1);
    assert_eq!(begun.elapsed().as_secs(), 100_u64.div_ceil(8) * SECONDS);
    for result in results {
        assert_eq!(result["error"]["code"], "hook_timed_out");
    }
}

/// Whoever goes away in the middle, with a hook that panics when it is dropped, harms nobody.
#[tokio::test(start_paused = true)]
async fn who_goes_away_while_a_hook_hangs_takes_nobody_along() {
    let fake = FakeStore::default();
    let service = told(&fake, |completed| {
        HangsAndFalls(pending(), (completed.name == "bad").then(|| Falls))
    });
    for names in [&["bad"][..], &["bad", "bad", "bad"]] {
        let going = completed(&fake, &service, names);
        let gone = tokio::time::timeout(Duration::from_secs(1), going).await;
        assert!(gone.is_err());
    }
    let results = completed(&fake, &service, &["good"]).await;
    assert!(results[0]["receipt"].is_string(), "{}", results[0]);
}

/// The same where it is asked who may.
#[tokio::test(start_paused = true)]
async fn who_may_is_not_granted_by_a_hook_that_falls_or_hangs() {
    let fake = FakeStore::default();
    let hanging = at(store_of(&fake))
        .authorize(|_| async {
            let _falls = Falls;
            pending::<()>().await;
            Ok(Permit::new())
        })
        .hook_timeout(Duration::from_secs(SECONDS))
        .build_service()
        .unwrap();
    let falling = at(store_of(&fake))
        .authorize(|_| async {
            let _falls = Falls;
            Ok(Permit::new())
        })
        .build_service()
        .unwrap();
    for (service, status, code) in [(hanging, 503, "hook_timed_out"), (falling, 500, "internal")] {
        let files = json!({ "files": [{ "name": "a", "size": 1 }, { "name": "b", "size": 1 }] });
        let reply = post_to(service, "/presignedUrl", files.to_string()).await;
        problem(&reply, status, code);
        assert!(!reply.text().contains("X-Amz-"));
    }
}
