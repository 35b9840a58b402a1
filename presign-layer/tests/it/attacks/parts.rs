//! Parts that were not granted, and uploads that are not what they are said to be.

use presign_layer::{Policy, PresignService};
use serde_json::{Value, json};

use crate::fake::FakeStore;
use crate::support::{Reply, ask, mount, post, post_to, problem};

const MIB: u64 = 1 << 20;
/// Parts of 5, 5 and 2 MiB.
const SIZE: u64 = 12 * MIB;

fn policy() -> Policy {
    Policy::new().multipart_threshold(1).part_size(5 * MIB)
}

async fn to(service: &PresignService, endpoint: &str, body: Value) -> Reply {
    let path = format!("/presignedUrl/{endpoint}");
    post_to(service.clone(), &path, body.to_string()).await
}

async fn granted(service: &PresignService, name: &str) -> Value {
    ask(service.clone(), json!({ "name": name, "size": SIZE })).await
}

fn send(fake: &FakeStore, grant: &Value, numbers: impl IntoIterator<Item = usize>) {
    for number in numbers {
        let url = grant["parts"][number - 1].as_str().unwrap();
        fake.put_part(url, if number == 3 { 2 * MIB } else { 5 * MIB });
    }
}

async fn complete(service: &PresignService, upload: Value) -> Value {
    let reply = to(service, "complete", json!({ "uploads": [upload] })).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["results"][0].take()
}

#[tokio::test]
async fn part_numbers_beyond_the_grant_are_not_signed() {
    let service = mount(&FakeStore::default(), policy());
    let grant = granted(&service, "a").await;
    let token = &grant["token"];
    for from in [0, 4, 9_999, 10_000, 10_001, u64::from(u32::MAX)] {
        let reply = to(&service, "parts", json!({ "token": token, "from": from })).await;
        problem(&reply, 400, "invalid_part");
        assert!(!reply.text().contains("X-Amz-"), "{}", reply.text());
    }
    for from in [
        json!(-1),
        json!(1.5),
        json!("1"),
        json!([1]),
        json!(true),
        json!(4_294_967_297_u64),
        Value::Null,
    ] {
        let reply = to(&service, "parts", json!({ "token": token, "from": from })).await;
        problem(&reply, 400, "invalid_json");
    }
}

#[tokio::test]
async fn no_more_parts_are_signed_than_were_granted() {
    let service = mount(&FakeStore::default(), policy());
    let grant = granted(&service, "a").await;
    for (from, count, urls) in [
        (1, json!(4), 3),
        (1, json!(10_000), 3),
        (2, json!(u32::MAX), 2),
        (3, json!(u32::MAX), 1),
        (3, Value::Null, 1),
    ] {
        let body = json!({ "token": grant["token"], "from": from, "count": count });
        let reply = to(&service, "parts", body).await.json();
        let parts = reply["parts"].as_array().unwrap();
        assert_eq!(parts.len(), urls, "{from} {count}");
        for (index, url) in parts.iter().enumerate() {
            let number = format!("&partNumber={}&", from + index);
            let url = url.as_str().unwrap().replace('?', "&") + "&";
            assert!(url.contains(&number), "{url}");
        }
    }
    let zero = json!({ "token": grant["token"], "from": 1, "count": 0 });
    problem(&to(&service, "parts", zero).await, 400, "invalid_request");
}

/// However many files are asked for, and however large they are: each gets a few of its URLs, and the store a few requests at a time.
#[tokio::test]
async fn one_request_does_not_make_the_server_sign_without_end() {
    let fake = FakeStore::default();
    let service = mount(&fake, Policy::new());
    let huge = json!({ "name": "a", "size": 5_u64 << 40 });
    let files = json!({ "files": vec![huge; 100] }).to_string();
    let reply = post(service, files).await.json();
    let grants = reply["grants"].as_array().unwrap();
    let urls: usize = grants
        .iter()
        .map(|grant| grant["parts"].as_array().unwrap().len())
        .sum();
    assert_eq!((grants.len(), urls), (100, 800));
    assert!(fake.most_in_flight() <= 8, "{}", fake.most_in_flight());
}

#[tokio::test]
async fn parts_of_one_upload_complete_no_other() {
    let fake = FakeStore::default();
    let service = mount(&fake, policy());
    let (full, empty) = (granted(&service, "a").await, granted(&service, "b").await);
    send(&fake, &full, 1..=3);
    let refused = complete(&service, json!({ "token": empty["token"] })).await;
    assert_eq!(refused["error"]["code"], "parts_missing", "{refused}");
    assert_eq!(refused["error"]["missingParts"], json!([1, 2, 3]));
    assert_eq!(fake.objects(), []);
}

/// The store says which parts there are; whatever the client says of them is not even read.
#[tokio::test]
async fn the_client_does_not_say_which_parts_make_the_object() {
    let fake = FakeStore::default();
    let service = mount(&fake, policy());
    let (full, half) = (granted(&service, "a").await, granted(&service, "b").await);
    send(&fake, &full, 1..=3);
    send(&fake, &half, [1, 2]);
    let resumed = to(&service, "resume", json!({ "token": full["token"] })).await;
    let parts = resumed.json()["parts"].take();
    let upload = json!({ "token": half["token"], "parts": parts, "size": SIZE, "key": full["key"], "uploadId": "upload-1" });
    let refused = complete(&service, upload).await;
    assert_eq!(refused["error"]["code"], "parts_missing", "{refused}");
    assert_eq!(refused["error"]["missingParts"], json!([3]));
    assert_eq!(fake.objects(), []);
}

#[tokio::test]
async fn nothing_is_completed_before_it_is_sent() {
    let fake = FakeStore::default();
    let service = mount(&fake, policy());
    let grant = granted(&service, "a").await;
    let upload = || json!({ "token": grant["token"] });
    let refused = complete(&service, upload()).await;
    assert_eq!(refused["error"]["code"], "parts_missing", "{refused}");
    send(&fake, &grant, [1]);
    let refused = complete(&service, upload()).await;
    assert_eq!(refused["error"]["missingParts"], json!([2, 3]));
    assert_eq!(fake.objects(), []);
    assert!(
        !fake.calls().contains(&"complete"),
        "the store is not even asked"
    );
}

/// A checksum goes to the store in a header.
#[tokio::test]
async fn a_checksum_carries_no_header() {
    let crc = presign_layer::protocol::Crc::Crc64Nvme;
    for policy in [policy(), policy().full_object_checksum(crc)] {
        let fake = FakeStore::default();
        let service = mount(&fake, policy);
        let grant = granted(&service, "a").await;
        send(&fake, &grant, 1..=3);
        for checksum in [
            "rosUhgp5mIg=\r\nx-amz-acl: public-read",
            "rosUhgp5mIg=\n",
            "rosUhgp5mIg=, AAAA",
            "</ChecksumCRC64NVME><Part/>",
        ] {
            let upload = json!({ "token": grant["token"], "checksum": checksum });
            let refused = complete(&service, upload).await;
            assert_eq!(refused["error"]["code"], "invalid_request", "{checksum}");
        }
        assert_eq!(fake.calls(), ["create"]);
    }
}
