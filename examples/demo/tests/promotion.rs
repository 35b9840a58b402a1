//! What is sent to a pending key, at the demo and its own store.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test, and its helpers, may stop at the first thing that is not as it should be"
)]

mod common;

use common::Demo;
use common::http::{Answer, request};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tempfile::TempDir;

const MIB: usize = 1 << 20;

/// Bytes that are nowhere twice the same for a while.
fn bytes(length: usize) -> Vec<u8> {
    (0..length)
        .map(|at| (at.wrapping_mul(2_654_435_761) >> 7).to_le_bytes()[0])
        .collect()
}

async fn post(demo: &Demo, path: &str, body: Value) -> Answer {
    let headers = [("content-type", "application/json")];
    let body = body.to_string();
    request(demo.page, "POST", path, &headers, body.as_bytes()).await
}

async fn grant(demo: &Demo, name: &str, size: usize) -> Value {
    let file = json!({ "name": name, "size": size, "type": "text/plain" });
    let answer = post(demo, "/presignedUrl", json!({ "files": [file] })).await;
    let grant = answer.json()["grants"][0].take();
    assert!(grant["key"].as_str().unwrap().starts_with("pending/"));
    grant
}

async fn complete(demo: &Demo, grant: &Value) -> Value {
    let uploads = json!({ "uploads": [{ "token": grant["token"] }] });
    let answer = post(demo, "/presignedUrl/complete", uploads).await;
    answer.json()["results"][0].take()
}

/// Sends all of it, whichever way was granted.
async fn send(demo: &Demo, grant: &Value, body: &[u8]) {
    let put = async |url: &Value, headers: &[(&str, &str)], body: &[u8]| {
        let url = url.as_str().unwrap().strip_prefix("http://").unwrap();
        let (address, target) = url.split_once('/').unwrap();
        let target = format!("/{target}");
        let answer = request(address.parse().unwrap(), "PUT", &target, headers, body).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
    };
    match grant["method"].as_str().unwrap() {
        "put" => {
            let headers = grant["headers"].as_object().unwrap();
            let headers: Vec<_> = headers
                .iter()
                .map(|(name, value)| (&**name, value.as_str().unwrap()))
                .collect();
            put(&grant["url"], &headers, body).await;
        }
        "post" => {
            let fields = grant["fields"].as_object().unwrap();
            let fields: Vec<_> = fields
                .iter()
                .map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()))
                .collect();
            let answer = demo.store().await.post(&fields, body).await;
            assert_eq!(answer.status, 201, "{}", answer.text());
        }
        _ => {
            let size = usize::try_from(grant["partSize"].as_u64().unwrap()).unwrap();
            let parts = grant["parts"].as_array().unwrap();
            assert!(parts.len() > 1);
            for (url, part) in parts.iter().zip(body.chunks(size)) {
                let length = part.len().to_string();
                put(url, &[("content-length", &length)], part).await;
            }
        }
    }
}

#[tokio::test]
async fn whatever_way_a_file_comes_it_ends_up_under_its_key_and_nothing_stays_behind() {
    let data = TempDir::new().unwrap();
    let options = [
        "--pending-prefix=pending",
        "--copy-at-most=5242880",
        "--post-below=100",
        "--multipart-threshold=11000000",
        "--part-size=5242880",
        "--checksum=none",
    ];
    let demo = Demo::start(data.path(), &options);
    let bucket = demo.store().await;
    let mut keys = Vec::new();
    for (name, length, way) in [
        ("form.txt", 99, "post"),
        ("empty.txt", 0, "post"),
        ("put.txt", 100, "put"),
        ("put-by-parts.txt", 10 * MIB, "put"),
        ("parts.txt", 12 * MIB + 7, "multipart"),
    ] {
        let granted = grant(&demo, name, length).await;
        assert_eq!(granted["method"], way);
        let sent = bytes(length);
        send(&demo, &granted, &sent).await;

        // Several at once, and one more; each may copy all of it.
        let calls = if length > MIB { 4 } else { 12 };
        let mut all = join_all((0..calls).map(|_| complete(&demo, &granted))).await;
        all.push(complete(&demo, &granted).await);
        let done = all[0].clone();
        let key = done["key"].as_str().unwrap_or_else(|| panic!("{done}"));
        assert!(!key.starts_with("pending") && key.ends_with(name), "{key}");
        for one in all {
            for what in ["key", "size", "type", "etag"] {
                assert_eq!(one[what], done[what], "{one}");
            }
        }
        assert_eq!(
            (&done["size"], &done["type"]),
            (&json!(length), &json!("text/plain"))
        );

        let copied = bucket.get(key).await;
        assert_eq!(copied.status, 200, "{key}");
        assert!(copied.body == sent, "{name} has other bytes");
        assert_eq!(copied.header("content-type"), Some("text/plain"));
        let pending = granted["key"].as_str().unwrap();
        let mark = copied.header("x-amz-meta-presign-upload");
        assert_eq!(mark, pending.strip_prefix("pending/"));
        keys.push(key.to_owned());
    }
    keys.sort();
    assert_eq!(bucket.files(), keys, "and nothing is pending");
    assert_eq!((bucket.unfinished(), bucket.left()), (0, (0, 0)));
}

#[tokio::test]
async fn a_file_that_is_given_up_or_not_complete_is_never_under_its_key() {
    let data = TempDir::new().unwrap();
    let demo = Demo::start(data.path(), &["--pending-prefix=pending"]);
    let bucket = demo.store().await;
    let granted = grant(&demo, "a.txt", 5).await;
    let missing = complete(&demo, &granted).await;
    assert_eq!(missing["error"]["code"], "object_missing", "{missing}");
    send(&demo, &granted, b"bytes").await;
    assert_eq!(bucket.files(), [granted["key"].as_str().unwrap()]);
    let token = json!({ "token": granted["token"] });
    let answer = post(&demo, "/presignedUrl/abort", token).await;
    assert_eq!(answer.status, 204, "{}", answer.text());
    assert!(bucket.files().is_empty());
}
