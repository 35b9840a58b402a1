//! The extractors: a handler of the application's own that gets a form with its receipts verified.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use axum::body::Body;

use axum::routing::post;
use axum::{Json, Router};
use http::Request;
use presign_layer::{Permit, PresignService, ReceiptVerifier, Received, ReceivedAll};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fake::FakeStore;
use crate::support::{NOW, Reply, ask, complete_one, png, send, store_of};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// A mount whose uploads differ, for the user that each request names, and its store.
struct Mount {
    fake: FakeStore,
    service: PresignService,
}

impl Mount {
    fn new(subject: Option<&'static str>) -> Self {
        let fake = FakeStore::default();
        let drawn = AtomicU64::new(0);
        let service = PresignService::builder(store_of(&fake))
            .clock(|| SystemTime::UNIX_EPOCH + Duration::from_secs(NOW))
            .random(move |bytes| {
                let number = drawn.fetch_add(1, Ordering::Relaxed).to_be_bytes();
                for (byte, number) in bytes.iter_mut().rev().zip(number.iter().rev()) {
                    *byte = *number;
                }
                Ok(())
            })
            .authorize(move |_| async move {
                let permit = Permit::new();
                Ok(match subject {
                    Some(subject) => permit.subject(subject),
                    None => permit,
                })
            })
            .build_service()
            .unwrap();
        Self { fake, service }
    }

    /// Uploads a file of so many bytes.
    async fn receipt(&self, size: u64) -> String {
        let grant = ask(self.service.clone(), png(size)).await;
        self.fake.put(&grant);
        let done = complete_one(&self.service, &grant).await;
        done["receipt"].as_str().unwrap().to_owned()
    }

    fn app(&self) -> Router {
        app(self.service.receipts())
    }
}

/// What a form of the application's own may have.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    title: String,
    pages: Option<u32>,
    #[serde(default)]
    tags: Vec<String>,
}

fn app(receipts: ReceiptVerifier) -> Router {
    async fn one(Received { receipt, form }: Received<Document>) -> Json<Value> {
        let Document { title, pages, tags } = form;
        Json(json!({ "size": receipt.size(), "title": title, "pages": pages, "tags": tags }))
    }
    async fn all(ReceivedAll { receipts, form }: ReceivedAll<Document>) -> Json<Value> {
        let sizes: Vec<u64> = receipts.iter().map(presign_layer::Receipt::size).collect();
        Json(json!({ "sizes": sizes, "title": form.title, "tags": form.tags }))
    }
    async fn bare(Received { receipt, .. }: Received) -> String {
        receipt.size().to_string()
    }
    Router::new()
        .route("/one", post(one))
        .route("/all", post(all))
        .route("/bare", post(bare))
        .with_state(receipts)
}

async fn hand_in(app: &Router, path: &str, media: &str, body: impl Into<Body>) -> Reply {
    let request = Request::post(path)
        .header("content-type", media)
        .body(body.into())
        .unwrap();
    send(app.clone(), request).await
}

#[tokio::test]
async fn a_form_and_json_bring_their_receipt_and_their_own_fields() {
    let mount = Mount::new(None);
    let (app, receipt) = (mount.app(), mount.receipt(5).await);
    let body = format!("title=Caf%C3%A9+au+lait&pages=3&receipt={receipt}&tags=a&tags=b");
    let form = hand_in(&app, "/one", FORM, body).await;
    let body =
        json!({ "receipt": receipt, "title": "Café au lait", "pages": 3, "tags": ["a", "b"] });
    let json = hand_in(
        &app,
        "/one",
        "application/json; charset=utf-8",
        body.to_string(),
    )
    .await;
    let expected = json!({ "size": 5, "title": "Café au lait", "pages": 3, "tags": ["a", "b"] });
    assert_eq!(form.json(), expected);
    assert_eq!(json.json(), expected);

    for (media, body) in [
        (FORM, format!("receipt={receipt}&whatever=1")),
        (
            JSON,
            json!({ "whatever": [1], "receipt": receipt }).to_string(),
        ),
    ] {
        assert_eq!(hand_in(&app, "/bare", media, body).await.text(), "5");
    }
}
