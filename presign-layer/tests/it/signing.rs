//! Signatures, checked against AWS's published example by an implementation that shares no code with ours.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use presign_layer::{
    Credentials, Disposition, Encryption, KeyStrategy, Policy, PresignService, Store,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use crate::support::{ACCESS_KEY_ID, NOW, SECRET, ask, at, png, public};

/// What SigV4's `UriEncode` leaves as it is, besides letters and digits.
const URI_ENCODE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

fn hmac(key: &[u8], data: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
    mac.update(data.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
}

/// The signature of a presigned URL, written after
/// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>. `headers` are those sent, `host` apart.
fn signature(method: &str, url: &Url, headers: &BTreeMap<String, String>, secret: &str) -> String {
    let mut query: Vec<(String, String)> = url
        .query_pairs()
        .filter(|(name, _)| name != "X-Amz-Signature")
        .map(|(name, value)| {
            let encode = |text: &str| utf8_percent_encode(text, URI_ENCODE).to_string();
            (encode(&name), encode(&value))
        })
        .collect();
    query.sort();
    let param = |wanted: &str| {
        url.query_pairs()
            .find(|(name, _)| name == wanted)
            .unwrap()
            .1
            .into_owned()
    };
    let host = match url.port() {
        Some(port) => format!("{}:{port}", url.host_str().unwrap()),
        None => url.host_str().unwrap().to_owned(),
    };
    let mut all = headers.clone();
    all.insert("host".to_owned(), host);
    let canonical_headers = all.iter().fold(String::new(), |text, (name, value)| {
        let words: Vec<&str> = value.split(' ').filter(|word| !word.is_empty()).collect();
        text + &format!("{name}:{}\n", words.join(" "))
    });
    let signed_headers: Vec<&str> = all.keys().map(String::as_str).collect();
    assert_eq!(
        param("X-Amz-SignedHeaders"),
        signed_headers.join(";"),
        "what is signed is what is told"
    );
    let query: Vec<String> = query
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let request = format!(
        "{method}\n{}\n{}\n{canonical_headers}\n{}\nUNSIGNED-PAYLOAD",
        url.path(),
        query.join("&"),
        signed_headers.join(";"),
    );
    let credential = param("X-Amz-Credential");
    let (_, scope) = credential.split_once('/').unwrap();
    let to_sign = format!(
        "AWS4-HMAC-SHA256\n{}\n{scope}\n{}",
        param("X-Amz-Date"),
        hex(&Sha256::digest(request.as_bytes())),
    );
    let key = scope
        .split('/')
        .fold(format!("AWS4{secret}").into_bytes(), |key, part| {
            hmac(&key, part)
        });
    hex(&hmac(&key, &to_sign))
}

fn given(url: &Url) -> String {
    url.query_pairs()
        .find(|(name, _)| name == "X-Amz-Signature")
        .unwrap()
        .1
        .into_owned()
}

fn verify(grant: &Value, secret: &str) {
    let url = Url::parse(grant["url"].as_str().unwrap_or_else(|| panic!("{grant}"))).unwrap();
    let headers: BTreeMap<String, String> =
        serde_json::from_value(grant["headers"].clone()).unwrap();
    assert_eq!(
        given(&url),
        signature("PUT", &url, &headers, secret),
        "{url}"
    );
}

#[test]
fn the_reference_reproduces_awss_published_example() {
    let url = Url::parse(
        "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256\
         &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
         &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host",
    )
    .unwrap();
    assert_eq!(
        signature("GET", &url, &BTreeMap::new(), SECRET),
        "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
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

fn signing(store: Store) -> PresignService {
    at(store).public().build_service().unwrap()
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
        for policy in [Policy::new(), Policy::new().allow_overwrite(), every_header()] {
            let mut file = json!({ "name": name, "size": size, "type": kind });
            if format!("{policy:?}").contains("title") {
                file["metadata"] = json!({ "title": title });
            }
            verify(&runtime.block_on(ask(public(policy), file)), SECRET);
        }
    }
}
