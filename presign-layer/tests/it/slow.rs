//! Others that take their time or fall over: whoever sends a body, and the application's own code. The clock of these tests runs by itself
//! when everybody waits, so nothing here takes long.

use std::convert::Infallible;
use std::future::pending;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use presign_layer::{
    Ask, BuildError, Credentials, KeyStrategy, Permit, Policy, PresignService, Refusal, Store,
};
use serde_json::json;
use tokio::time::{Instant, sleep};

use crate::fake::FakeStore;
use crate::support::{ask, at, get, mount, png, post, post_to, problem, public, store, store_of};

/// A body of which a byte arrives each second, for as long as it is read.
fn a_byte_a_second() -> Body {
    let bytes = stream::iter(std::iter::repeat(b' ')).then(async |byte| {
        sleep(Duration::from_secs(1)).await;
        Ok::<_, Infallible>(Bytes::copy_from_slice(&[byte]))
    });
    Body::from_stream(bytes)
}

#[tokio::test(start_paused = true)]
async fn a_body_that_does_not_come_to_its_end_is_waited_for_no_longer_than_said() {
    for endpoint in ["", "/parts", "/resume", "/complete", "/abort"] {
        let begun = Instant::now();
        let path = format!("/presignedUrl{endpoint}");
        let reply = post_to(public(Policy::new()), &path, a_byte_a_second()).await;
        let refused = problem(&reply, 408, "body_too_slow");
        assert!(refused["detail"].as_str().unwrap().contains("30s"));
        assert_eq!(
            begun.elapsed().as_secs(),
            30,
            "all of it, not since the last byte"
        );
    }
    let begun = Instant::now();
    let quick = at(store()).public().body_timeout(Duration::from_secs(2));
    let nothing = Body::from_stream(stream::pending::<Result<Bytes, Infallible>>());
    let reply = post(quick.build_service().unwrap(), nothing).await;
    problem(&reply, 408, "body_too_slow");
    assert_eq!(begun.elapsed().as_secs(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_slow_body_that_makes_it_is_read() {
    let body = json!({ "files": [png(1)] }).to_string().into_bytes();
    let halves = stream::iter([body[..5].to_vec(), body[5..].to_vec()]).then(async |half| {
        sleep(Duration::from_secs(14)).await;
        Ok::<_, Infallible>(half)
    });
    let reply = post(public(Policy::new()), Body::from_stream(halves)).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
}

fn hooked<F>(hook: impl Fn(Ask) -> F + Send + Sync + 'static) -> PresignService
where
    F: Future<Output = Result<Permit, Refusal>> + Send + 'static,
{
    at(store())
        .policy(Policy::new().allow_overwrite())
        .authorize(hook)
        .hook_timeout(Duration::from_secs(5))
        .build_service()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_hangs_is_given_up() {
    let begun = Instant::now();
    let hangs = hooked(|_| pending());
    let files = json!({ "files": vec![png(1); 50] }).to_string();
    problem(&post(hangs.clone(), files).await, 503, "hook_timed_out");
    assert_eq!(begun.elapsed().as_secs(), 5, "all at once");
    let reply = get(hangs, "/presignedUrl?name=a").await;
    problem(&reply, 503, "hook_timed_out");

    let takes_its_time = hooked(async |_| {
        sleep(Duration::from_millis(4_900)).await;
        Ok(Permit::new())
    });
    assert!(ask(takes_its_time, png(1)).await.get("url").is_some());
}

#[tokio::test(start_paused = true)]
async fn later_requests_wait_for_a_hook_no_longer_either() {
    let fake = FakeStore::default();
    let large = json!({ "name": "a", "size": 64 << 20 });
    let token = ask(mount(&fake, Policy::new()), large).await["token"].take();
    let hangs = at(store_of(&fake)).authorize(|_| pending());
    let hangs = hangs.build_service().unwrap();
    for (endpoint, body) in [
        ("parts", json!({ "token": token, "from": 1 })),
        ("resume", json!({ "token": token })),
        ("complete", json!({ "uploads": [{ "token": token }] })),
        ("abort", json!({ "token": token })),
    ] {
        let path = format!("/presignedUrl/{endpoint}");
        let reply = post_to(hangs.clone(), &path, body.to_string()).await;
        problem(&reply, 503, "hook_timed_out");
    }
    assert_eq!(fake.calls(), ["create"], "the store is not asked");
}

#[tokio::test]
async fn a_hook_that_panics_is_an_internal_error_and_no_more() {
    let at_once = hooked(|ask| {
        assert!(ask.file.name == "good", "the key is hunter2");
        async { Ok(Permit::new()) }
    });
    let later = hooked(async |ask| {
        tokio::task::yield_now().await;
        assert!(ask.file.name == "good", "the key is hunter2");
        Ok(Permit::new())
    });
    for service in [at_once, later] {
        let files = json!({ "files": [{ "name": "good", "size": 1 }, png(1)] });
        let reply = post(service.clone(), files.to_string()).await;
        problem(&reply, 500, "internal");
        assert!(!reply.text().contains("hunter2"));
        problem(
            &get(service.clone(), "/presignedUrl?name=a").await,
            500,
            "internal",
        );
        let good = json!({ "name": "good", "size": 1 });
        assert!(ask(service, good).await.get("url").is_some(), "it goes on");
    }
}

#[tokio::test]
async fn whatever_else_of_the_application_panics_is_one_too() {
    let key = KeyStrategy::custom(|_| panic!("no key"));
    let key = at(store()).policy(Policy::new().key(key)).public();
    let clock = at(store()).public().clock(|| panic!("no time"));
    let random = at(store()).public().random(|_| panic!("no luck"));
    for builder in [key, clock, random] {
        let reply = post(
            builder.build_service().unwrap(),
            json!({ "files": [png(1)] }).to_string(),
        )
        .await;
        problem(&reply, 500, "internal");
    }
}

fn provided<F>(provide: impl Fn() -> F + Send + Sync + 'static) -> PresignService
where
    F: Future<Output = Result<Credentials, std::io::Error>> + Send + 'static,
{
    let store = Store::builder("https://s3.test", "uploads")
        .credentials_provider(provide)
        .client(FakeStore::default())
        .build()
        .unwrap();
    at(store)
        .token_keys([[1; 32]])
        .public()
        .hook_timeout(Duration::from_secs(5))
        .build_service()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn credentials_that_do_not_come_are_unavailable() {
    for service in [provided(pending), provided(async || panic!("no vault"))] {
        let begun = Instant::now();
        let small = post(service.clone(), json!({ "files": [png(1)] }).to_string()).await;
        problem(&small, 503, "credentials_unavailable");
        assert!(begun.elapsed().as_secs() <= 5);
    }
}

#[tokio::test]
async fn an_application_may_bring_its_own_timer() {
    let slept = Arc::new(AtomicUsize::new(0));
    let counting = Arc::clone(&slept);
    let hangs = at(store())
        .authorize(|_| pending())
        .hook_timeout(Duration::from_secs(3))
        .sleep(move |duration| {
            counting.fetch_add(
                usize::try_from(duration.as_secs()).unwrap(),
                Ordering::Relaxed,
            );
            std::future::ready(())
        })
        .build_service()
        .unwrap();
    let reply = post(hangs, json!({ "files": [png(1)] }).to_string()).await;
    problem(&reply, 503, "hook_timed_out");
    assert_eq!(slept.load(Ordering::Relaxed), 3);
    let said = "there is no timer: call `.sleep(…)`, or enable the feature `timer`";
    assert_eq!(BuildError::NoSleep.to_string(), said);
}

/// Where Tokio has no timers, or is not there, whoever is slow is waited for: better than a panic.
#[test]
fn without_a_timer_the_slow_are_waited_for() {
    let slow = || {
        let service = hooked(async |_| {
            yields().await;
            Ok(Permit::new())
        });
        let body = json!({ "files": [png(1)] }).to_string();
        let body = stream::once(async move {
            yields().await;
            Ok::<_, Infallible>(body)
        });
        async move { post(service, Body::from_stream(body)).await }
    };
    let timeless = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    assert_eq!(timeless.block_on(slow()).status, 200);
    assert_eq!(poll_to_the_end(slow()).status, 200);
}

/// Pending once.
async fn yields() {
    let mut polled = false;
    std::future::poll_fn(|context| {
        context.waker().wake_by_ref();
        if std::mem::replace(&mut polled, true) {
            return std::task::Poll::Ready(());
        }
        std::task::Poll::Pending
    })
    .await;
}

fn poll_to_the_end<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}
