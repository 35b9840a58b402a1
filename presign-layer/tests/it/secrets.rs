//! What must be seen by nobody: the secret key, the session token, presigned URLs, and what the user signed in with.

use std::io::Write;
use std::sync::{Arc, Mutex};

use axum::body::Body;
use http::{HeaderValue, Request};
use presign_layer::{Ask, Builder, Credentials, KeyStrategy, Permit, Policy, PresignLayer, Store};
use serde_json::json;
use tower::{Layer, ServiceExt};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::fake::{Failure, FakeStore};
use crate::support::{SECRET, at, png, post, post_to, public};

const TOKEN: &str = "the-token";
const TOKEN_KEY: &str = "thirty-two bytes and a few more of them";

fn credentials() -> Credentials {
    Credentials::new("AKIAEXAMPLE", SECRET).with_session_token(TOKEN)
}

fn mount() -> Builder {
    let store = Store::builder("https://s3.test", "uploads").credentials(credentials());
    at(store.build().unwrap())
}

#[test]
fn no_secret_shows_in_debug() {
    let builder = Store::builder("https://s3.test", "uploads").credentials(credentials());
    let store = builder.clone().build().unwrap();
    let mount = PresignLayer::builder(store.clone())
        .token_keys([TOKEN_KEY])
        .public();
    let mut shown = vec![
        format!("{:?}", credentials()),
        format!("{builder:#?}"),
        format!("{store:?}"),
        format!("{mount:?}"),
    ];
    let layer = mount.build().unwrap();
    shown.push(format!("{layer:?}"));
    shown.push(format!("{:?}", layer.layer(())));
    for text in shown {
        for secret in [SECRET, TOKEN, TOKEN_KEY] {
            assert!(!text.contains(secret), "{text}");
        }
        assert!(text.contains("AKIAEXAMPLE"), "{text}");
    }
}

#[test]
fn a_password_in_an_endpoint_does_not_show() {
    let with_password = "https://user:hunter2@s3.test";
    for builder in [
        Store::builder(with_password, "uploads"),
        Store::builder("https://s3.test", "uploads").public_endpoint(with_password),
    ] {
        let builder = builder.credentials(credentials());
        let shown = format!("{builder:?}");
        let error = builder.build().unwrap_err();
        for text in [shown, format!("{error:?}"), error.to_string()] {
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
}

#[test]
fn a_requests_debug_does_not_show_the_token() {
    use presign_layer::protocol::{CompleteRequest, PartsRequest, SentUpload, TokenRequest};

    let token = || TOKEN.to_owned();
    let sent = SentUpload {
        token: token(),
        checksum: None,
        content_md5: None,
    };
    let parts = PartsRequest {
        token: token(),
        from: 101,
        count: None,
    };
    for shown in [
        format!("{parts:?}"),
        format!("{:?}", TokenRequest { token: token() }),
        format!(
            "{:?}",
            CompleteRequest {
                uploads: vec![sent]
            }
        ),
    ] {
        assert!(!shown.contains(TOKEN), "{shown}");
    }
}

#[tokio::test]
async fn a_grants_debug_does_not_show_the_url() {
    let body = json!({ "files": [{ "name": "a", "size": 1 }] }).to_string();
    let reply = post(public(Policy::new()), body).await;
    let response: presign_layer::protocol::GrantResponse =
        serde_json::from_slice(&reply.body).unwrap();
    let shown = format!("{response:?}");
    assert!(
        shown.contains("PutGrant") && !shown.contains("X-Amz-Signature"),
        "{shown}"
    );
}

#[tokio::test]
async fn an_answers_debug_does_not_show_the_url() {
    let service = mount().public().build_service().unwrap();
    let uri = "/presignedUrl?name=a&size=1&type=";
    let response = service
        .oneshot(Request::get(uri).body(Body::empty()).unwrap())
        .await
        .unwrap();
    let shown = format!("{response:?}");
    assert!(shown.contains("200") && !shown.contains("X-Amz"), "{shown}");
}

/// The hook's question may be logged whole: the user's cookie is not in it.
#[tokio::test]
async fn a_questions_debug_does_not_show_what_the_user_signed_in_with() {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let (by_hook, by_naming) = (Arc::clone(&asked), Arc::clone(&asked));
    let naming = KeyStrategy::custom(move |naming| {
        by_naming.lock().unwrap().push(format!("{naming:?}"));
        naming.unique.to_owned()
    });
    let service = mount()
        .policy(Policy::new().key(naming))
        .authorize(move |ask: Ask| {
            by_hook.lock().unwrap().push(format!("{ask:?}"));
            async { Ok(Permit::new()) }
        })
        .build_service()
        .unwrap();
    let request = Request::get("/presignedUrl?name=a.png&size=1&type=")
        .header("cookie", "session=hunter2")
        .body(Body::empty())
        .unwrap();
    assert_eq!(service.oneshot(request).await.unwrap().status(), 200);
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 2);
    for shown in asked.iter() {
        assert!(
            shown.contains("a.png") && !shown.contains("hunter2"),
            "{shown}"
        );
    }
}

/// Everything that is logged on this thread.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// What `work` logs, its spans' fields among it, and what it answers with. It is done twice, because tests beside this one meet the same log calls without anybody
/// listening, and in that very moment `tracing` may note that nobody ever does.
pub(crate) fn logged<T>(work: impl AsyncFn() -> T) -> (String, T) {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_span_events(FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let answer = tracing::subscriber::with_default(subscriber, || {
        runtime.block_on(work());
        tracing::callsite::rebuild_interest_cache();
        runtime.block_on(work())
    });
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    (log, answer)
}

#[test]
fn no_secret_is_logged_however_much_is() {
    let (log, ()) = logged(async || {
        let service = mount()
            .policy(Policy::new().max_size(10))
            .public()
            .build_service()
            .unwrap();
        let mut request = Request::post("/presignedUrl")
            .header("content-type", "application/json")
            .body(Body::from(
                json!({ "files": [png(1), png(11)] }).to_string(),
            ))
            .unwrap();
        let cookie = HeaderValue::from_static("session=hunter2");
        request.headers_mut().insert("cookie", cookie);
        assert_eq!(service.oneshot(request).await.unwrap().status(), 200);
    });
    assert!(log.contains("granted") && log.contains("refused"), "{log}");
    for secret in [SECRET, TOKEN, "X-Amz-", "hunter2"] {
        assert!(!log.contains(secret), "{log}");
    }
}

/// Whoever has an upload's token or a part's URL can go on with the upload.
#[test]
fn nothing_of_an_upload_in_parts_is_logged_or_told_in_an_error() {
    let (log, (errors, token)) = logged(async || {
        let fake = FakeStore::default();
        let store = Store::builder("https://s3.test", "uploads")
            .credentials(credentials())
            .client(fake.clone());
        let service = at(store.build().unwrap())
            .token_keys([TOKEN_KEY])
            .public()
            .build_service()
            .unwrap();
        let files = json!({ "files": [png(40 << 20)] }).to_string();
        let grant = post(service.clone(), files).await.json()["grants"][0].take();
        let token = grant["token"].as_str().unwrap().to_owned();
        let changed = format!("B{}", &token[1..]);
        assert_ne!(token, changed);
        for call in ["list", "list", "abort"] {
            fake.fail(call, Failure::Lost);
        }
        let mut errors = String::new();
        for token in [&token, &changed] {
            for (endpoint, body) in [
                ("parts", json!({ "token": token, "from": 99 })),
                ("resume", json!({ "token": token })),
                ("complete", json!({ "uploads": [{ "token": token }] })),
                ("abort", json!({ "token": token })),
            ] {
                let path = format!("/presignedUrl/{endpoint}");
                let reply = post_to(service.clone(), &path, body.to_string()).await;
                assert_ne!(reply.status, 204);
                errors.push_str(reply.text());
            }
        }
        (errors, token)
    });
    assert!(
        log.contains("granted")
            && log.contains("the store did not")
            && log.contains("an upload token is refused"),
        "{log}"
    );
    for text in [&log, &errors] {
        for secret in [SECRET, TOKEN, TOKEN_KEY, "X-Amz-", "upload-1", &token[..50]] {
            assert!(!text.contains(secret), "{secret}: {text}");
        }
    }
}

#[tokio::test]
async fn a_grants_debug_does_not_show_the_token() {
    let body = json!({ "files": [png(40 << 20)] }).to_string();
    let reply = post(public(Policy::new()), body).await;
    let token = reply.json()["grants"][0]["token"]
        .as_str()
        .unwrap()
        .to_owned();
    let response: presign_layer::protocol::GrantResponse =
        serde_json::from_slice(&reply.body).unwrap();
    let shown = format!("{response:?}");
    assert!(
        shown.contains("MultipartGrant") && !shown.contains("X-Amz") && !shown.contains(&token),
        "{shown}"
    );
}
