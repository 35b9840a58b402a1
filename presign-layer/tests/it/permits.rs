//! The application's own word on each file.

use std::time::Duration;

use axum::{Extension, Router};
use presign_layer::{Ask, Permit, Policy, PresignService, Refusal};
use serde_json::json;

use crate::support::{ask, at, get, png, post, problem, request, send, store};

fn hooked(hook: fn(&Ask) -> Result<Permit, Refusal>) -> PresignService {
    at(store())
        .policy(Policy::new().allow_overwrite())
        .authorize(move |ask: Ask| async move { hook(&ask) })
        .build_service()
        .unwrap()
}

#[tokio::test]
async fn the_hook_refuses_one_file_or_the_whole_request() {
    let one = hooked(|ask| {
        if ask.file.name == "secret.txt" {
            return Err(Refusal::forbidden("Not this one."));
        }
        Ok(Permit::new())
    });
    let files = json!({ "files": [{ "name": "secret.txt", "size": 1 }, png(1)] });
    let grants = post(one.clone(), files.to_string()).await.json();
    assert_eq!(
        grants["grants"][0]["error"],
        json!({ "code": "forbidden", "message": "Not this one." })
    );
    assert!(grants["grants"][1].get("url").is_some());
    problem(
        &get(one, "/presignedUrl?name=secret.txt").await,
        403,
        "forbidden",
    );

    let nobody = hooked(|_| Err(Refusal::unauthenticated("Sign in.")));
    let reply = post(nobody.clone(), json!({ "files": [png(1)] }).to_string()).await;
    assert_eq!(
        problem(&reply, 401, "unauthenticated")["detail"],
        "Sign in."
    );
    problem(
        &get(nobody, "/presignedUrl?name=a").await,
        401,
        "unauthenticated",
    );

    let broken = hooked(|_| Err(std::io::Error::other("postgres://user:password@host").into()));
    let reply = post(broken, json!({ "files": [png(1)] }).to_string()).await;
    problem(&reply, 500, "internal");
    assert!(!reply.text().contains("password"));
}

#[tokio::test]
async fn a_permit_narrows_and_never_widens() {
    let narrow = hooked(|_| {
        Ok(Permit::new()
            .key_prefix("users/42/")
            .max_size(10)
            .types(["image/*"])
            .metadata("Uploader", "42")
            .expires_in(std::time::Duration::from_mins(1))
            .forbid_overwrite())
    });
    let grant = ask(narrow.clone(), png(10)).await;
    assert!(
        grant["key"]
            .as_str()
            .unwrap()
            .starts_with("users/42/013ed3d5-"),
        "{grant}"
    );
    assert_eq!(grant["headers"]["x-amz-meta-uploader"], "42");
    assert_eq!(grant["headers"]["if-none-match"], "*");
    assert_eq!(grant["expiresIn"], 60);
    assert!(grant["url"].as_str().unwrap().contains("X-Amz-Expires=60&"));
    assert_eq!(ask(narrow.clone(), png(11)).await["error"]["maxSize"], 10);
    let text = json!({ "name": "a", "size": 1, "type": "text/plain" });
    assert_eq!(
        ask(narrow.clone(), text).await["error"]["code"],
        "type_not_allowed"
    );
    problem(
        &get(narrow, "/presignedUrl?name=a.png").await,
        400,
        "size_and_type_required",
    );

    let wide = at(store())
        .policy(Policy::new().max_size(5).content_types(["image/png"]))
        .authorize(|_| async {
            Ok(Permit::new()
                .max_size(500)
                .types(["*/*"])
                .expires_in(std::time::Duration::from_hours(48)))
        })
        .build_service()
        .unwrap();
    assert_eq!(ask(wide.clone(), png(6)).await["error"]["maxSize"], 5);
    let text = json!({ "name": "a", "size": 1, "type": "text/plain" });
    assert_eq!(
        ask(wide.clone(), text).await["error"]["code"],
        "type_not_allowed"
    );
    assert_eq!(ask(wide, png(5)).await["expiresIn"], 900);
}

type Permitting = fn() -> Permit;

fn granting(permit: Permitting) -> PresignService {
    at(store())
        .policy(Policy::new().allow_overwrite())
        .authorize(move |_| async move { Ok(permit()) })
        .build_service()
        .unwrap()
}

#[tokio::test]
async fn each_way_to_narrow_holds_for_the_bare_url_too() {
    let whole = "/presignedUrl?name=a.png&size=5&type=image/png";
    let narrowing: [(&str, Permitting); 4] = [
        ("size", || Permit::new().max_size(10)),
        ("type", || Permit::new().types(["image/*"])),
        ("metadata", || Permit::new().metadata("a", "b")),
        ("overwriting", || Permit::new().forbid_overwrite()),
    ];
    for (what, permit) in narrowing {
        let service = granting(permit);
        for query in ["", "&size=5", "&type=image/png"] {
            let reply = get(service.clone(), &format!("/presignedUrl?name=a.png{query}")).await;
            assert_eq!(reply.status, 400, "{what}{query}: {}", reply.text());
            assert_eq!(reply.json()["code"], "size_and_type_required", "{what}");
        }
        assert_eq!(get(service, whole).await.status, 200, "{what}");
    }
    // These need nothing of the client: they are in the URL itself.
    let service = granting(|| {
        Permit::new()
            .key_prefix("users/42")
            .expires_in(Duration::from_secs(7))
    });
    let reply = get(service, "/presignedUrl?name=a.png").await;
    assert!(
        reply.text().contains("/uploads/users/42/0"),
        "{}",
        reply.text()
    );
    assert!(
        reply.text().contains("X-Amz-Expires=7&"),
        "{}",
        reply.text()
    );
}

#[tokio::test]
async fn a_permit_that_cannot_be_kept_grants_nothing_and_is_the_servers_failure() {
    let wrong: [Permitting; 10] = [
        || Permit::new().key_prefix("../other"),
        || Permit::new().key_prefix("a/../.."),
        || Permit::new().key_prefix("/users/42"),
        || Permit::new().key_prefix("/"),
        || Permit::new().key_prefix(""),
        || Permit::new().types(["imag*"]),
        || Permit::new().metadata("a b", "c"),
        || Permit::new().metadata("a", ""),
        || Permit::new().metadata("snowball-auto-extract", "true"),
        || Permit::new().expires_in(Duration::from_millis(999)),
    ];
    for permit in wrong {
        let shown = format!("{:?}", permit());
        let refusal = ask(granting(permit), png(1)).await;
        assert_eq!(refusal["error"]["code"], "internal", "{shown}: {refusal}");
        let uri = "/presignedUrl?name=a.png&size=1&type=image/png";
        problem(&get(granting(permit), uri).await, 500, "internal");
    }
}

#[derive(Clone)]
struct User(u64);

/// A hook that has to wait for its answer, as one that asks a database does.
async fn own_folder(ask: Ask) -> Result<Permit, Refusal> {
    tokio::task::yield_now().await;
    let Some(User(id)) = ask.parts.extensions.get() else {
        return Err(Refusal::unauthenticated("Sign in."));
    };
    if ask.parts.headers.contains_key("x-suspended") {
        return Err(Refusal::forbidden("Not now."));
    }
    Ok(Permit::new().key_prefix(format!("users/{id}")))
}

#[tokio::test]
async fn the_hook_waits_and_sees_what_middleware_left_in_the_request() {
    let app = || {
        let layer = at(store()).authorize(own_folder).build().unwrap();
        Router::new().layer(layer)
    };
    let uri = "/presignedUrl?name=a&size=1&type=";
    problem(
        &send(app(), request("GET", uri)).await,
        401,
        "unauthenticated",
    );

    let signed_in = || app().layer(Extension(User(42)));
    let reply = send(signed_in(), request("GET", uri)).await;
    assert!(
        reply
            .text()
            .starts_with("https://s3.test/uploads/users/42/"),
        "{}",
        reply.text()
    );
    let mut suspended = request("GET", uri);
    let yes = http::HeaderValue::from_static("yes");
    suspended.headers_mut().insert("x-suspended", yes);
    problem(&send(signed_in(), suspended).await, 403, "forbidden");
}

#[tokio::test]
async fn the_hook_is_asked_for_each_file_as_it_was_declared() {
    let service = at(store())
        .policy(Policy::new().allow_metadata(["album"]))
        .authorize(|ask: Ask| async move { Err(Refusal::forbidden(format!("{:?}", ask.file))) })
        .build_service()
        .unwrap();
    let file = json!({ "name": "../a", "size": 7, "type": "b/c", "metadata": { "album": "d" } });
    let refusal = ask(service.clone(), file).await;
    assert_eq!(
        refusal["error"]["message"],
        "FileAsked { name: \"../a\", size: Some(7), content_type: Some(\"b/c\"), metadata: [(\"album\", \"d\")] }"
    );
    let reply = get(service, "/presignedUrl?name=a").await;
    assert_eq!(
        reply.json()["detail"],
        "FileAsked { name: \"a\", size: None, content_type: None, metadata: [] }"
    );
}
