//! The extractors: a handler of the application's own that gets a form with its receipts verified.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRef};
use axum::routing::post;
use axum::{Extension, Json, Router};
use http::Request;
use presign_layer::{
    MAX_RECEIPTS, Permit, PresignService, ReceiptRejection, ReceiptSubject, ReceiptVerifier,
    Received, ReceivedAll,
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::fake::FakeStore;
use crate::support::{NOW, Reply, ask, complete_one, png, problem, send, store_of};

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

/// A map is shown no receipt either.
#[tokio::test]
async fn any_kind_of_fields_will_do() {
    async fn map(Received { form, .. }: Received<HashMap<String, String>>) -> Json<Value> {
        Json(json!(form))
    }
    async fn optional(Received { form, .. }: Received<Option<Document>>) -> String {
        form.map_or_else(String::new, |form| form.title)
    }
    #[derive(Deserialize)]
    struct Wrapped(Document);
    async fn wrapped(Received { form, .. }: Received<Wrapped>) -> String {
        form.0.title
    }
    let mount = Mount::new(None);
    let receipt = mount.receipt(5).await;
    let app = Router::new()
        .route("/map", post(map))
        .route("/optional", post(optional))
        .route("/wrapped", post(wrapped))
        .with_state(mount.service.receipts());
    let form = format!("title=a&receipt={receipt}");
    let json = json!({ "receipt": receipt, "title": "a" }).to_string();
    for (media, body) in [(FORM, form), (JSON, json)] {
        let map = hand_in(&app, "/map", media, body.clone()).await.json();
        assert_eq!(map, json!({ "title": "a" }));
        for path in ["/optional", "/wrapped"] {
            assert_eq!(hand_in(&app, path, media, body.clone()).await.text(), "a");
        }
    }
}

#[tokio::test]
async fn a_receipt_is_its_users_alone() {
    let (mount, public) = (Mount::new(Some("42")), Mount::new(None));
    let (receipt, nobodys) = (mount.receipt(5).await, public.receipt(5).await);
    let signed_in = |user: &str| {
        let subject = ReceiptSubject(user.to_owned());
        app(mount.service.receipts()).layer(Extension(subject))
    };
    let ask = |app: Router, receipt: &str| {
        let body = format!("receipt={receipt}");
        async move { hand_in(&app, "/bare", FORM, body).await }
    };
    assert_eq!(ask(signed_in("42"), &receipt).await.text(), "5");
    assert_eq!(ask(mount.app(), &nobodys).await.text(), "5");
    for (app, receipt) in [
        (signed_in("43"), &receipt),
        (mount.app(), &receipt),
        (signed_in("42"), &nobodys),
    ] {
        problem(&ask(app, receipt).await, 403, "receipt_foreign");
    }
    let anybodys = app(mount.service.receipts().any_subject());
    assert_eq!(ask(anybodys, &receipt).await.text(), "5");
}

#[tokio::test]
async fn the_verifier_may_be_part_of_a_larger_state() {
    #[derive(Clone)]
    struct State {
        receipts: ReceiptVerifier,
    }
    impl FromRef<State> for ReceiptVerifier {
        fn from_ref(state: &State) -> Self {
            state.receipts.clone()
        }
    }
    let mount = Mount::new(None);
    let body = format!("receipt={}", mount.receipt(5).await);
    let handler = |Received { receipt, .. }: Received| async move { receipt.key().to_owned() };
    let receipts = mount.service.receipts();
    let app = Router::new()
        .route("/", post(handler))
        .with_state(State { receipts });
    let key = hand_in(&app, "/", FORM, body).await;
    assert!(key.text().ends_with("/a.png"), "{}", key.text());
}

#[tokio::test]
async fn a_receipt_that_is_not_taken_is_told_in_the_protocols_words() {
    let mount = Mount::new(None);
    let receipt = mount.receipt(5).await;
    let body = |receipt: &str| format!("receipt={receipt}");
    let bare = |receipts| {
        let (app, body) = (app(receipts), body(&receipt));
        async move { hand_in(&app, "/bare", FORM, body).await }
    };
    let receipts = || mount.service.receipts();
    let later = || SystemTime::UNIX_EPOCH + Duration::from_secs(NOW + 24 * 3600 + 1);
    problem(&bare(receipts().clock(later)).await, 410, "receipt_expired");
    problem(&bare(receipts().max_size(4)).await, 400, "receipt_unfit");
    let forged = body(&receipt[..receipt.len() - 1]);
    for nothing in [
        forged,
        "receipt=".to_owned(),
        "receipts=x".to_owned(),
        String::new(),
    ] {
        let reply = hand_in(&mount.app(), "/bare", FORM, nothing).await;
        problem(&reply, 400, "receipt_invalid");
    }
    for nothing in ["{}", r#"{"receipt":null}"#, r#"{"receipt":[]}"#] {
        let reply = hand_in(&mount.app(), "/bare", JSON, nothing).await;
        problem(&reply, 400, "receipt_invalid");
    }
    let two = format!("receipt={receipt}&receipt={receipt}");
    let reply = hand_in(&mount.app(), "/bare", FORM, two).await;
    let detail = problem(&reply, 400, "invalid_request")["detail"].clone();
    assert_eq!(detail, "`receipt` has 2 receipts; expected one.");
}

/// Where something is wrong is said, and what is expected.
#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_with_the_place() {
    let mount = Mount::new(None);
    let (app, receipt) = (mount.app(), mount.receipt(5).await);
    for (body, said) in [
        ("{", "EOF"),
        ("[]", "invalid type: sequence"),
        (r#""receipt""#, "invalid type: string"),
        (r#"{"title":1}"#, "`title`: invalid type: integer"),
        (
            r#"{"receipt":5}"#,
            "`receipt`: invalid type: integer `5`, expected a receipt or",
        ),
        (r#"{"receipt":["a",{}]}"#, "`receipt[1]`: invalid type: map"),
        (r#"{"pages":1}"#, "missing field `title`"),
        (r#"{"titel":"a"}"#, "unknown field `titel`"),
        (r#"{"title":"a"} x"#, "After the end of the object"),
    ] {
        let reply = hand_in(&app, "/one", JSON, body).await;
        let detail = problem(&reply, 400, "invalid_json")["detail"].to_string();
        assert!(detail.replace('\\', "").contains(said), "{body}: {detail}");
    }
    let reply = hand_in(&app, "/bare", JSON, &b"{\"a\":\"\xff\"}"[..]).await;
    problem(&reply, 400, "invalid_json");
    for (body, said) in [
        ("pages=1", "missing field `title`"),
        ("title=a&pages=x", "`pages`: invalid digit"),
        ("title=a&title=b", "`title`: "),
        ("titel=a", "unknown field `titel`"),
    ] {
        let body = format!("receipt={receipt}&{body}");
        let reply = hand_in(&app, "/one", FORM, body).await;
        let detail = problem(&reply, 400, "invalid_request")["detail"].to_string();
        assert!(detail.contains(said), "{detail}");
        assert!(!reply.text().contains(&receipt), "{detail}");
    }
}

#[tokio::test]
async fn other_content_types_are_refused() {
    let app = Mount::new(None).app();
    for media in [
        "text/plain",
        "application/jsonx",
        "application/problem+json",
        "nonsense",
    ] {
        let reply = hand_in(&app, "/bare", media, "{}").await;
        problem(&reply, 415, "unsupported_media_type");
    }
    let none = Request::post("/bare").body(Body::from("{}")).unwrap();
    problem(
        &send(app.clone(), none).await,
        415,
        "unsupported_media_type",
    );
    let reply = hand_in(&app, "/bare", "multipart/form-data; boundary=a", "").await;
    let detail = problem(&reply, 415, "unsupported_media_type")["detail"].to_string();
    assert!(
        detail.contains("new URLSearchParams(new FormData(form))"),
        "{detail}"
    );
}

#[tokio::test]
async fn a_body_is_as_long_as_the_application_lets_it_be() {
    let mount = Mount::new(None);
    let body = |receipt: &str, more: usize| format!("receipt={receipt}&more={}", "a".repeat(more));
    let receipt = mount.receipt(5).await;
    let app = mount.app();
    let reply = hand_in(&app, "/bare", FORM, body(&receipt, 1 << 20)).await;
    assert_eq!(reply.text(), "5");
    let reply = hand_in(&app, "/bare", FORM, body(&receipt, 2 << 20)).await;
    problem(&reply, 413, "body_too_large");
    let narrow = app.layer(DefaultBodyLimit::max(1000));
    let reply = hand_in(&narrow, "/bare", FORM, body(&receipt, 1000)).await;
    problem(&reply, 413, "body_too_large");

    let broken = futures_util::stream::iter([
        Ok::<_, std::io::Error>("receipt="),
        Err(std::io::Error::other("the line is dead")),
    ]);
    let reply = hand_in(&mount.app(), "/bare", FORM, Body::from_stream(broken)).await;
    problem(&reply, 400, "body_unreadable");
}

#[tokio::test]
async fn many_receipts_come_in_the_order_given() {
    let mount = Mount::new(None);
    let (app, mut receipts) = (mount.app(), Vec::new());
    for size in [3, 1, 2] {
        receipts.push(mount.receipt(size).await);
    }
    let mut form = "title=all&tags=a".to_owned();
    for receipt in &receipts {
        form.push_str("&receipt=");
        form.push_str(receipt);
    }
    let json = json!({ "receipt": receipts, "title": "all", "tags": ["a"] }).to_string();
    for (media, body) in [(FORM, form), (JSON, json)] {
        let taken = hand_in(&app, "/all", media, body).await.json();
        assert_eq!(
            taken,
            json!({ "sizes": [3, 1, 2], "title": "all", "tags": ["a"] })
        );
    }
    // One is a list too, and none is none.
    for (media, body, sizes) in [
        (
            JSON,
            json!({ "receipt": receipts[0], "title": "" }),
            json!([3]),
        ),
        (JSON, json!({ "receipt": null, "title": "" }), json!([])),
        (JSON, json!({ "title": "" }), json!([])),
    ] {
        let taken = hand_in(&app, "/all", media, body.to_string()).await.json();
        assert_eq!(taken["sizes"], sizes);
    }
    let taken = hand_in(&app, "/all", FORM, "title=").await.json();
    assert_eq!(taken["sizes"], json!([]));
}

/// All or none, and the page is told which.
#[tokio::test]
async fn one_bad_receipt_among_many_is_named() {
    let (mount, other) = (Mount::new(None), Mount::new(Some("43")));
    let app = mount.app();
    let receipts = [mount.receipt(1).await, mount.receipt(2).await];
    let refuse = async |receipts: &[&str], status, code| {
        let body = json!({ "receipt": receipts, "title": "all" }).to_string();
        let reply = hand_in(&app, "/all", JSON, body).await;
        let told = problem(&reply, status, code);
        for receipt in receipts {
            assert!(!reply.text().contains(receipt), "{told}");
        }
        told
    };
    let [first, second] = [&*receipts[0], &*receipts[1]];
    let foreign = other.receipt(3).await;
    let told = refuse(&[first, &foreign, second], 403, "receipt_foreign").await;
    assert_eq!(told["receiptIndex"], 1);
    assert_eq!(
        told["detail"],
        "`receipt[1]`: The receipt is for another user."
    );
    let told = refuse(&[first, second, "forged"], 400, "receipt_invalid").await;
    assert_eq!(told["receiptIndex"], 2);

    let told = refuse(&[second, first, second], 400, "invalid_request").await;
    assert_eq!(told["receiptIndex"], 2);
    assert_eq!(
        told["detail"],
        "`receipt[2]`: The receipt is of the same upload as `receipt[0]`."
    );

    let many = vec!["x"; MAX_RECEIPTS + 1];
    let body = json!({ "receipt": many, "title": "all" }).to_string();
    let told = problem(
        &hand_in(&app, "/all", JSON, body).await,
        400,
        "too_many_files",
    );
    assert_eq!(told["maxFiles"], MAX_RECEIPTS);
    assert_eq!(told.get("receiptIndex"), None);
    let told = refuse(&vec!["forged"; MAX_RECEIPTS], 400, "receipt_invalid").await;
    assert_eq!(told["receiptIndex"], 0);
}

#[tokio::test]
async fn a_refusal_tells_the_requests_own_ids() {
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let request = Request::post("/bare")
        .header("content-type", FORM)
        .header("x-request-id", "7")
        .header("traceparent", trace)
        .body(Body::from("receipt=forged"))
        .unwrap();
    let reply = send(Mount::new(None).app(), request).await;
    let told = problem(&reply, 400, "receipt_invalid");
    assert_eq!(told["requestId"], "7");
    assert_eq!(told["traceparent"], trace);
}

/// A handler that answers in its own way sees what is wrong, and nothing secret.
#[tokio::test]
async fn the_application_may_answer_in_its_own_words() {
    async fn add(taken: Result<ReceivedAll, ReceiptRejection>) -> String {
        let rejection = taken.unwrap_err();
        let code = rejection.problem().code;
        format!(
            "{code} {:?} {rejection} {rejection:?}",
            rejection.receipt_index()
        )
    }
    let mount = Mount::new(None);
    let app = Router::new()
        .route("/", post(add))
        .with_state(mount.service.receipts().max_size(4));
    let receipt = mount.receipt(5).await;
    let reply = hand_in(&app, "/", FORM, format!("receipt={receipt}")).await;
    let said = reply.text();
    assert!(
        said.starts_with("receipt_unfit Some(0) `receipt[0]`: "),
        "{said}"
    );
    assert!(!said.contains(&receipt), "{said}");
}
