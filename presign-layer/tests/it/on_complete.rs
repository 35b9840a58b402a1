//! What the application does with an object as soon as it is there, and what it says of it.

use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Extension;
use axum::body::Body;
use http::Request;
use presign_layer::{BuildError, Completed, Permit, Policy, PresignLayer, PresignService, Refusal};
use serde_json::{Value, json};
use tower::Layer;

use crate::fake::FakeStore;
use crate::support::{
    ask, at, complete, complete_one, free, get, mount, png, post_to, problem, send, store_of,
};

/// A mount for files of two kinds whose hook is `hook`.
fn told<F, T>(
    fake: &FakeStore,
    hook: impl Fn(Completed) -> F + Send + Sync + 'static,
) -> PresignService
where
    F: Future<Output = Result<T, Refusal>> + Send + 'static,
    T: serde::Serialize,
{
    at(store_of(fake))
        .policy(Policy::new().multipart_threshold(10))
        .authorize(|_| async { Ok(Permit::new().subject("42").key_prefix("users/42")) })
        .on_complete(hook)
        .hook_timeout(Duration::from_secs(5))
        .build_service()
        .unwrap()
}

/// Asks for a file and sends it.
async fn sent(fake: &FakeStore, service: &PresignService, name: &str) -> Value {
    let file = json!({ "name": name, "size": 5, "type": "image/png" });
    let grant = ask(service.clone(), file).await;
    fake.put(&grant);
    grant
}

#[tokio::test]
async fn the_hook_is_told_of_the_object_as_the_receipt_says_it() {
    let fake = FakeStore::default();
    let seen = Arc::new(Mutex::new(Vec::new()));
    let seeing = Arc::clone(&seen);
    let service = told(&fake, move |completed: Completed| {
        seeing.lock().unwrap().push(completed);
        async { Ok(json!({ "page": "/documents/1" })) }
    });
    let grant = sent(&fake, &service, "Ä b.png").await;
    fake.set_header(
        grant["key"].as_str().unwrap(),
        "x-amz-checksum-crc64nvme",
        "rosUhgp5mIg=",
    );
    let done = complete_one(&service, &grant).await;
    assert_eq!(done["data"], json!({ "page": "/documents/1" }), "{done}");
    let told = seen.lock().unwrap().remove(0);
    assert_eq!(told.name, "Ä b.png");
    assert_eq!(told.subject.as_deref(), Some("42"));
    assert_eq!(told.parts.uri.path(), "/presignedUrl/complete");
    assert_eq!(told.receipt.key(), done["key"]);
    assert!(told.receipt.key().starts_with("users/42/"));
    assert_eq!(told.receipt.size(), 5);
    assert_eq!(told.receipt.content_type(), "image/png");
    assert_eq!(told.receipt.etag(), done["etag"]);
    assert_eq!(told.receipt.checksum().unwrap().value, "rosUhgp5mIg=");
    let receipts = service.receipts().subject("42");
    let receipt = receipts.verify(done["receipt"].as_str().unwrap()).unwrap();
    assert_eq!(told.receipt, receipt);
    let shown = format!("{told:?}");
    assert!(shown.contains("image/png"), "{shown}");
    assert!(!shown.contains("content-type"), "the request's: {shown}");
}

#[tokio::test]
async fn what_goes_in_parts_is_told_too() {
    let fake = FakeStore::default();
    let service = told(&fake, async |completed: Completed| {
        Ok(completed.receipt.size())
    });
    let file = json!({ "name": "a.mp4", "size": 12, "type": "video/mp4" });
    let grant = ask(service.clone(), file).await;
    assert_eq!(grant["method"], "multipart", "{grant}");
    fake.put_part(grant["parts"][0].as_str().unwrap(), 12);
    assert_eq!(complete_one(&service, &grant).await["data"], 12);
}

/// An answer can be lost, and two tabs can complete the same upload.
#[tokio::test]
async fn each_time_an_upload_is_completed_the_hook_is_told_with_the_same_id() {
    let fake = FakeStore::default();
    let ids = Arc::new(Mutex::new(Vec::new()));
    let told_ids = Arc::clone(&ids);
    let service = told(&fake, move |completed: Completed| {
        let mut ids = told_ids.lock().unwrap();
        ids.push(completed.receipt.id().to_owned());
        let times = ids.len();
        async move { Ok(times) }
    });
    let grant = sent(&fake, &service, "a.png").await;
    assert_eq!(complete_one(&service, &grant).await["data"], 1);
    assert_eq!(complete_one(&service, &grant).await["data"], 2);
    let ids = ids.lock().unwrap();
    assert_eq!(ids[0], ids[1]);
    assert!(!ids[0].is_empty());
}

#[tokio::test]
async fn the_hook_is_not_told_of_what_has_not_arrived_or_is_not_what_was_granted() {
    let fake = FakeStore::default();
    let service = told(&fake, |completed: Completed| {
        assert!(completed.name == "good", "told of {completed:?}");
        async { Ok(()) }
    });
    let missing = ask(service.clone(), png(5)).await;
    let refused = complete_one(&service, &missing).await;
    assert_eq!(refused["error"]["code"], "object_missing", "{refused}");
    let other = ask(service.clone(), png(5)).await;
    fake.put_object(other["key"].as_str().unwrap(), 5, "d41d8cd98f00b204");
    let refused = complete_one(&service, &other).await;
    assert_eq!(refused["error"]["code"], "object_mismatch", "{refused}");
}

#[tokio::test]
async fn nothing_said_is_no_data() {
    let fake = FakeStore::default();
    let silent = told(&fake, async |_| Ok(()));
    let none = told(&fake, async |_| Ok(None::<String>));
    for service in [silent, none, mount(&fake, Policy::new())] {
        let grant = sent(&fake, &service, "a.png").await;
        let done = complete_one(&service, &grant).await;
        assert!(done["receipt"].is_string(), "{done}");
        assert!(done.get("data").is_none(), "{done}");
    }
}

/// One upload's trouble is not that of the others of its batch: they have arrived.
#[tokio::test]
async fn what_the_hook_refuses_is_refused_in_its_place() {
    let fake = FakeStore::default();
    let service = told(&fake, async |completed: Completed| {
        match &*completed.name {
            "forbidden" => return Err(Refusal::forbidden("You have one already.")),
            "broken" => Err(std::io::Error::other("postgres://user:password@host"))?,
            "panics" => panic!("the key is hunter2"),
            _ => {}
        }
        Ok(completed.name)
    });
    let mut uploads = Vec::new();
    for name in ["first", "forbidden", "broken", "panics", "last"] {
        let grant = sent(&fake, &service, name).await;
        uploads.push(json!({ "token": grant["token"] }));
    }
    let results = complete(&service, json!(uploads)).await;
    assert_eq!(results[0]["data"], "first");
    assert_eq!(
        results[1],
        json!({ "error": { "code": "forbidden", "message": "You have one already." } })
    );
    assert_eq!(results[2]["error"]["code"], "internal");
    assert_eq!(results[3]["error"]["code"], "internal");
    assert_eq!(results[4]["data"], "last");
    let said = json!(results).to_string();
    assert!(
        !said.contains("password") && !said.contains("hunter2"),
        "{said}"
    );
    assert_eq!(fake.objects().len(), 5, "nothing is taken away");
}

#[tokio::test]
async fn what_is_no_json_is_the_servers_failure() {
    let fake = FakeStore::default();
    let service = told(&fake, async |_| {
        Ok(std::collections::BTreeMap::from([(vec![1], 1)]))
    });
    let grant = sent(&fake, &service, "a.png").await;
    let refused = complete_one(&service, &grant).await;
    assert_eq!(refused["error"]["code"], "internal", "{refused}");
}

#[tokio::test]
async fn a_hook_that_does_not_know_who_asks_refuses_the_request() {
    let fake = FakeStore::default();
    let service = told(&fake, async |_| {
        Err::<(), _>(Refusal::unauthenticated("Sign in again."))
    });
    let grant = sent(&fake, &service, "a.png").await;
    let body = json!({ "uploads": [{ "token": grant["token"] }] }).to_string();
    let reply = post_to(service, "/presignedUrl/complete", body).await;
    let problem = problem(&reply, 401, "unauthenticated");
    assert_eq!(problem["detail"], "Sign in again.");
}

#[tokio::test(start_paused = true)]
async fn a_hook_that_hangs_is_given_up_in_its_place() {
    let fake = FakeStore::default();
    let service = told(&fake, async |completed: Completed| {
        if completed.name == "hangs" {
            pending::<()>().await;
        }
        Ok(())
    });
    let mut uploads = Vec::new();
    for name in ["hangs", "a.png"] {
        let grant = sent(&fake, &service, name).await;
        uploads.push(json!({ "token": grant["token"] }));
    }
    let results = complete(&service, json!(uploads)).await;
    assert_eq!(results[0]["error"]["code"], "hook_timed_out");
    assert!(results[1]["receipt"].is_string(), "{}", results[1]);
}

#[derive(Clone)]
struct User(&'static str);

#[tokio::test]
async fn the_hook_sees_what_authentication_left_in_the_request() {
    let fake = FakeStore::default();
    let layer = PresignLayer::builder(store_of(&fake))
        .public()
        .on_complete(async |completed: Completed| {
            let user = completed.parts.extensions.get::<User>();
            let user = user.ok_or_else(|| Refusal::unauthenticated("Sign in."))?;
            Ok(json!([user.0, completed.subject]))
        })
        .build()
        .unwrap();
    let app = layer.layer(axum::Router::new());
    let app = Extension(User("ann")).layer(app);
    let to = async |path: &str, body: Value| {
        let request = Request::post(path).header("content-type", "application/json");
        let request = request.body(Body::from(body.to_string())).unwrap();
        send(app.clone(), request).await.json()
    };
    let grants = to("/presignedUrl", json!({ "files": [png(5)] })).await;
    let grant = &grants["grants"][0];
    fake.put(grant);
    let uploads = json!({ "uploads": [{ "token": grant["token"] }] });
    let results = to("/presignedUrl/complete", uploads).await;
    assert_eq!(results["results"][0]["data"], json!(["ann", null]));
}

/// The guide's bare URL belongs to nobody's upload, and small files of an unverified policy are never completed.
#[tokio::test]
async fn a_hook_that_would_not_be_told_does_not_build() {
    let fake = FakeStore::default();
    let builder = |policy: Policy| {
        let builder = at(store_of(&fake)).policy(policy).public();
        builder.on_complete(async |_| Ok(())).build_service()
    };
    for unverified in [
        Policy::new().unverified(),
        Policy::new().unverified().single_put_only(),
    ] {
        let error = builder(unverified).unwrap_err();
        assert_eq!(error, BuildError::OnCompleteUnverified);
    }
    assert!(builder(Policy::new().single_put_only()).is_ok());
    let guide = builder(free()).unwrap();
    assert_eq!(get(guide, "/presignedUrl?name=a").await.status, 200);
}
