//! What every answer has, whatever it says.

use axum::body::Body;
use http::Request;
use presign_layer::{Permit, Policy, Refusal};
use serde_json::json;

use crate::fake::FakeStore;
use crate::support::{at, mount, png, post, post_to, send, store_of};

#[tokio::test]
async fn no_answer_is_kept_or_taken_for_something_else() {
    let fake = FakeStore::default();
    let service = || mount(&fake, Policy::new().allow_overwrite());
    let in_parts = json!({ "files": [{ "name": "a", "size": 64 << 20 }, png(1)] });
    let granted = post(service(), in_parts.to_string()).await;
    let token = granted.json()["grants"][0]["token"].take();
    let mut replies = vec![("grant", granted)];
    for (endpoint, body) in [
        ("", json!({ "files": [] })),
        ("/parts", json!({ "token": token, "from": 1 })),
        ("/resume", json!({ "token": token })),
        ("/complete", json!({ "uploads": [{ "token": token }] })),
        ("/abort", json!({ "token": token })),
        ("/abort", json!({ "token": "x" })),
        ("/nothing", json!({})),
    ] {
        let path = format!("/presignedUrl{endpoint}");
        replies.push((endpoint, post_to(service(), &path, body.to_string()).await));
    }
    for (method, path) in [
        ("GET", "/presignedUrl?name=a"),
        ("HEAD", "/presignedUrl?name=a"),
        ("GET", "/presignedUrl"),
        ("GET", "/presignedUrl/limits"),
        ("GET", "/presignedUrl/nothing"),
        ("PUT", "/presignedUrl/parts"),
        ("OPTIONS", "/presignedUrl"),
        ("OPTIONS", "/presignedUrl/abort"),
        ("GET", "/elsewhere"),
    ] {
        let request = Request::builder().method(method).uri(path);
        let request = request.body(Body::empty()).unwrap();
        replies.push((path, send(service(), request).await));
    }
    let refusing = at(store_of(&fake))
        .allowed_origins(["https://your.site"])
        .authorize(|_| async { Err::<Permit, _>(Refusal::unauthenticated("Sign in.")) })
        .build_service()
        .unwrap();
    let foreign = Request::get("/presignedUrl/limits").header("origin", "null");
    let foreign = foreign.body(Body::empty()).unwrap();
    replies.push(("foreign", send(refusing.clone(), foreign).await));
    let files = json!({ "files": [png(1)] }).to_string();
    replies.push(("refused", post(refusing, files).await));

    let mut statuses: Vec<u16> = replies.iter().map(|(_, it)| it.status.as_u16()).collect();
    statuses.sort_unstable();
    statuses.dedup();
    assert_eq!(
        statuses,
        [200, 204, 400, 401, 403, 404, 405],
        "of each kind"
    );
    for (what, reply) in replies {
        let kept = reply.header("cache-control");
        let guessed = reply.header("x-content-type-options");
        assert_eq!((kept, guessed), ("no-store", "nosniff"), "{what}");
        let cors = reply.header("access-control-allow-origin");
        assert_eq!(cors, "", "{what}: that is the application's to say");
    }
}
