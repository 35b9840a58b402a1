//! Grants, their signatures checked against the reference in `sigv4`.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use presign_layer::{
    Credentials, Disposition, Encryption, KeyStrategy, Policy, PresignService, Store,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use url::Url;

use crate::sigv4::{param, signature};
use crate::support::{ACCESS_KEY_ID, NOW, SECRET, ask, at, png, public};

fn verify(grant: &Value, secret: &str) {
    let url = Url::parse(grant["url"].as_str().unwrap_or_else(|| panic!("{grant}"))).unwrap();
    let headers: BTreeMap<String, String> =
        serde_json::from_value(grant["headers"].clone()).unwrap();
    assert_eq!(
        param(&url, "X-Amz-Signature"),
        signature("PUT", &url, &headers, secret),
        "{url}"
    );
}

#[tokio::test]
async fn a_presigned_put_has_the_parameters_of_awss_example() {
    let store = Store::builder("https://s3.amazonaws.com", "examplebucket")
        .virtual_host()
        .credentials(Credentials::new(ACCESS_KEY_ID, SECRET))
        .build()
        .unwrap();
    let policy = Policy::new()
        .key(KeyStrategy::FileName)
        .allow_overwrite()
        .expires_in(Duration::from_hours(24));
    let service = at(store).policy(policy).public().build_service().unwrap();
    let reply = crate::support::get(service, "/presignedUrl?name=test.txt").await;
    let url = Url::parse(reply.text()).unwrap();
    let unsigned = "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
         &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host&X-Amz-Signature=";
    assert_eq!(
        url.as_str(),
        format!(
            "{unsigned}{}",
            signature("PUT", &url, &BTreeMap::new(), SECRET)
        )
    );
}

#[tokio::test]
async fn the_guides_get_signs_what_its_query_declares() {
    for query in [
        "name=a%20b",
        "name=a&size=0",
        "name=a&type=image/png",
        "name=a&size=5368709120&type=",
    ] {
        let service = public(Policy::new().allow_overwrite());
        let uri = format!("/presignedUrl?{query}");
        verify(
            &crate::support::get_json(service, &uri).await.json(),
            SECRET,
        );
    }
}

fn signing(store: Store) -> PresignService {
    let policy = Policy::new().single_put_only().unverified();
    at(store).policy(policy).public().build_service().unwrap()
}

#[tokio::test]
async fn browsers_get_the_public_endpoint() {
    let builder = |endpoint: &str| {
        Store::builder("http://minio:9000", "uploads")
            .public_endpoint(endpoint)
            .region("eu-central-1")
            .credentials(Credentials::new("id", SECRET))
    };
    for (store, begins) in [
        (
            builder("https://files.example.com").build(),
            "https://files.example.com/uploads/",
        ),
        (
            builder("https://example.com/s3").build(),
            "https://example.com/s3/uploads/",
        ),
        (
            builder("http://localhost:9000").build(),
            "http://localhost:9000/uploads/",
        ),
        (
            builder("https://files.example.com").virtual_host().build(),
            "https://uploads.files.example.com/0",
        ),
    ] {
        let grant = ask(signing(store.unwrap()), png(1)).await;
        let url = grant["url"].as_str().unwrap();
        assert!(url.starts_with(begins), "{url}");
        assert!(url.contains("%2Feu-central-1%2Fs3%2F"), "{url}");
        verify(&grant, SECRET);
    }
}

#[tokio::test]
async fn temporary_keys_sign_their_token_and_bound_the_expiry() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
    let from_provider = |seconds| {
        Store::builder("https://s3.test", "uploads")
            .credentials_provider(move || async move {
                let end = now + Duration::from_secs(seconds);
                let credentials =
                    Credentials::new("ASIA", "temporary").with_session_token("to/ken+=");
                Ok::<_, std::convert::Infallible>(credentials.with_expiry(end))
            })
            .build()
            .unwrap()
    };
    let grant = ask(signing(from_provider(100)), png(1)).await;
    verify(&grant, "temporary");
    assert!(
        grant["url"]
            .as_str()
            .unwrap()
            .contains("X-Amz-Security-Token=to%2Fken%2B%3D&")
    );
    assert_eq!(grant["expiresIn"], 100);
    assert_eq!(
        ask(signing(from_provider(100_000)), png(1)).await["expiresIn"],
        900
    );

    let body = json!({ "files": [png(1)] }).to_string();
    let reply = crate::support::post(signing(from_provider(0)), body).await;
    assert_eq!(reply.json()["code"], "credentials_unavailable");
}

#[tokio::test]
async fn keys_that_are_empty_sign_nothing() {
    for (id, secret) in [("", "secret"), ("id", "")] {
        let store = Store::builder("https://s3.test", "uploads")
            .credentials_provider(move || async move {
                Ok::<_, std::convert::Infallible>(Credentials::new(id, secret))
            })
            .build()
            .unwrap();
        let body = json!({ "files": [png(1)] }).to_string();
        let reply = crate::support::post(signing(store), body).await;
        assert_eq!(reply.json()["code"], "credentials_unavailable");
    }
}

#[tokio::test]
async fn credentials_are_asked_for_once_a_request() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let store = Store::builder("https://s3.test", "uploads")
        .credentials_provider(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            async { Ok::<_, std::convert::Infallible>(Credentials::new("id", "secret")) }
        })
        .build()
        .unwrap();
    let files = json!({ "files": [png(1), png(2), png(3)] }).to_string();
    assert_eq!(
        crate::support::post(signing(store), files).await.status,
        200
    );
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

fn every_header() -> Policy {
    Policy::new()
        .disposition(Disposition::Inline)
        .cache_control("no-cache")
        .metadata("source", "the  web é")
        .allow_metadata(["title"])
        .storage_class("STANDARD")
        .encryption(Encryption::S3Managed)
}

proptest! {
    #[test]
    fn what_is_signed_is_what_the_client_is_told_to_send(
        name in "[^\u{0}-\u{1f}]{1,60}", size in 0..(5_u64 << 30), title in "\\PC{1,60}",
        kind in prop_oneof![Just(""), Just("image/png"), Just("text/plain;charset=utf-8"), Just("text/plain; charset=\"a b\"")],
    ) {
        prop_assume!(!name.trim().is_empty());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let file = json!({ "name": name, "size": size, "type": kind });
        let mut titled = file.clone();
        titled["metadata"] = json!({ "title": title });
        for (policy, file) in [
            (Policy::new(), &file),
            (Policy::new().allow_overwrite(), &file),
            (every_header(), &titled),
        ] {
            let policy = policy.single_put_only();
            verify(&runtime.block_on(ask(public(policy), file.clone())), SECRET);
        }
        // The key is the name as it is, so the path has whatever a name has.
        let named = runtime.block_on(ask(public(Policy::new().single_put_only().key(KeyStrategy::FileName)), file));
        if named["error"]["code"] != "invalid_key" {
            verify(&named, SECRET);
            prop_assert_eq!(&named["key"], &name);
        }
    }
}
