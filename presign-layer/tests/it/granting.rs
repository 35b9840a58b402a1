//! Files that go in parts: when they do, and what the browser gets for them.

use std::time::{Duration, SystemTime};

use presign_layer::protocol::Crc;
use presign_layer::{
    Capabilities, Credentials, Disposition, Encryption, FullObjectChecksums, Permit, Policy, Store,
};
use serde_json::{Value, json};
use url::Url;

use crate::fake::{Failure, FakeStore};
use crate::sigv4::param;
use crate::support::{
    ACCESS_KEY_ID, NOW, SECRET, ask, at, get, mount, post, post_to, problem, public, store_of,
};

const MIB: u64 = 1 << 20;

fn file(size: u64) -> Value {
    json!({ "name": "a.bin", "size": size, "type": "" })
}

#[tokio::test]
async fn large_files_go_in_parts_and_others_in_one_put() {
    let small_threshold = || Policy::new().multipart_threshold(0);
    let large_threshold = || Policy::new().multipart_threshold(u64::MAX);
    for (policy, size, method) in [
        (Policy::new(), 32 * MIB - 1, "put"),
        (Policy::new(), 32 * MIB, "multipart"),
        (small_threshold(), 0, "put"),
        (small_threshold(), 1, "multipart"),
        (large_threshold(), 5 << 30, "put"),
        (large_threshold(), (5 << 30) + 1, "multipart"),
        (Policy::new().single_put_only(), 5 << 30, "put"),
    ] {
        let grant = ask(public(policy), file(size)).await;
        assert_eq!(grant["method"], method, "{size}: {grant}");
    }
    for (policy, size, max) in [
        (Policy::new().single_put_only(), (5 << 30) + 1, 5_u64 << 30),
        (Policy::new(), (5 << 40) + 1, 5 << 40),
    ] {
        let refused = ask(public(policy), file(size)).await;
        assert_eq!(refused["error"]["code"], "file_too_large", "{refused}");
        assert_eq!(refused["error"]["maxSize"], max);
    }
}

#[tokio::test]
async fn the_guides_get_is_always_one_put() {
    let uri = |size: u64| format!("/presignedUrl?name=a&size={size}&type=");
    let reply = get(public(Policy::new()), &uri(5 << 30)).await;
    assert!(!reply.text().contains("uploadId"), "{}", reply.text());
    let reply = get(public(Policy::new()), &uri((5 << 30) + 1)).await;
    let refused = problem(&reply, 400, "file_too_large");
    assert_eq!(refused["maxSize"], 5_u64 << 30);
}

#[tokio::test]
async fn a_grant_has_all_that_the_browser_needs() {
    let fake = FakeStore::default();
    let grant = ask(mount(&fake, Policy::new()), file(40 * MIB + 5)).await;
    assert_eq!(grant["key"], "013ed3d5-bc00-7707-8707-070707070707/a.bin");
    assert_eq!(grant["partSize"], 16 * MIB);
    assert_eq!(grant["partCount"], 3);
    assert_eq!(grant["expiresIn"], 900);
    assert_eq!(grant["resumableFor"], 7 * 24 * 3600);
    assert_eq!(grant["checksums"], json!({ "contentMd5": true }));
    let parts = grant["parts"].as_array().unwrap();
    assert_eq!(parts.len(), 3);
    for (number, (url, size)) in parts
        .iter()
        .zip([16 * MIB, 16 * MIB, 8 * MIB + 5])
        .enumerate()
    {
        let url = url.as_str().unwrap();
        // Each signs the exact bytes of its own part.
        fake.put_part(url, size);
        let url = Url::parse(url).unwrap();
        assert_eq!(param(&url, "partNumber"), (number + 1).to_string());
        assert_eq!(param(&url, "X-Amz-Expires"), "900");
    }
}

#[tokio::test]
async fn what_is_stored_with_the_object_is_said_when_the_upload_begins() {
    let fake = FakeStore::default();
    let policy = Policy::new()
        .disposition(Disposition::Attachment)
        .metadata("source", "web")
        .encryption(Encryption::S3Managed);
    let file = json!({ "name": "a.png", "size": 40 * MIB, "type": "image/png" });
    ask(mount(&fake, policy), file).await;
    let headers = fake.headers("create");
    assert_eq!(headers["content-type"], "image/png");
    assert_eq!(headers["x-amz-meta-source"], "web");
    assert_eq!(headers["x-amz-server-side-encryption"], "AES256");
    assert!(headers["content-disposition"].starts_with("attachment"));
    for other in [
        "content-length",
        "if-none-match",
        "x-amz-checksum-algorithm",
    ] {
        assert!(!headers.contains_key(other), "{other}");
    }
}

#[tokio::test]
async fn part_size_grows_with_the_file() {
    let grant = ask(public(Policy::new()), file(5 << 40)).await;
    assert_eq!(grant["partSize"], 525 * MIB);
    assert_eq!(grant["partCount"], 9987);
    assert_eq!(grant["parts"].as_array().unwrap().len(), 100);
}

#[tokio::test]
async fn further_parts_come_in_windows() {
    let fake = FakeStore::default();
    let service = at(store_of(&fake))
        .parts_per_request(3)
        .policy(Policy::new().part_size(5 * MIB))
        .public()
        .build_service()
        .unwrap();
    let grant = ask(service.clone(), file(38 * MIB)).await;
    let token = &grant["token"];
    assert_eq!(grant["partCount"], 8);
    assert_eq!(grant["parts"].as_array().unwrap().len(), 3);
    for (asked, numbers) in [
        (json!({ "token": token, "from": 4 }), 4..=6),
        (json!({ "token": token, "from": 7 }), 7..=8),
        (json!({ "token": token, "from": 1, "count": 2 }), 1..=2),
        (json!({ "token": token, "from": 2, "count": 99 }), 2..=4),
        (
            json!({ "token": token, "from": 8, "count": u32::MAX }),
            8..=8,
        ),
    ] {
        let reply = post_to(service.clone(), "/presignedUrl/parts", asked.to_string()).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        let window = reply.json();
        assert_eq!(window["expiresIn"], 900);
        let urls = window["parts"].as_array().unwrap();
        assert_eq!(urls.len(), numbers.clone().count(), "{asked}");
        for (number, url) in numbers.zip(urls) {
            let url = url.as_str().unwrap();
            assert!(url.contains(&format!("partNumber={number}&")), "{url}");
            fake.put_part(url, if number == 8 { 3 * MIB } else { 5 * MIB });
        }
    }
    for (from, code) in [(0, "invalid_part"), (9, "invalid_part")] {
        let asked = json!({ "token": token, "from": from }).to_string();
        let reply = post_to(service.clone(), "/presignedUrl/parts", asked).await;
        let refused = problem(&reply, 400, code);
        assert!(refused["detail"].as_str().unwrap().contains("1 to 8"));
    }
    let asked = json!({ "token": token, "from": 1, "count": 0 }).to_string();
    let reply = post_to(service, "/presignedUrl/parts", asked).await;
    problem(&reply, 400, "invalid_request");
}

#[tokio::test]
async fn part_urls_live_no_longer_than_the_credentials_and_the_permit() {
    let fake = FakeStore::default();
    let end = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW + 100);
    let store = Store::builder("https://s3.test", "uploads")
        .credentials(Credentials::new(ACCESS_KEY_ID, SECRET).with_expiry(end))
        .client(fake.clone())
        .build()
        .unwrap();
    let grant = ask(at(store).public().build_service().unwrap(), file(40 * MIB)).await;
    assert_eq!(grant["expiresIn"], 100);

    let narrow = at(store_of(&fake))
        .authorize(|_| async { Ok(Permit::new().expires_in(Duration::from_secs(7))) })
        .build_service()
        .unwrap();
    let asked = json!({ "token": grant["token"], "from": 1 }).to_string();
    let window = post_to(narrow, "/presignedUrl/parts", asked).await.json();
    assert_eq!(window["expiresIn"], 7);
}

#[tokio::test]
async fn a_failure_of_the_store_is_that_files_alone() {
    let fake = FakeStore::default();
    fake.fail("create", Failure::Refused(503, "SlowDown"));
    let files = json!({ "files": [file(40 * MIB), file(40 * MIB), file(1)] }).to_string();
    let grants = post(mount(&fake, Policy::new()), files).await.json();
    // Which of the two came first is the store's secret.
    let (failed, begun): (Vec<&Value>, _) = grants["grants"]
        .as_array()
        .unwrap()
        .iter()
        .partition(|answer| answer.get("error").is_some());
    assert_eq!(failed.len(), 1, "{grants}");
    assert_eq!(failed[0]["error"]["code"], "store_failed");
    let methods: Vec<&Value> = begun.iter().map(|grant| &grant["method"]).collect();
    assert_eq!(methods, ["multipart", "put"]);
}

#[tokio::test]
async fn several_uploads_begin_at_once_and_not_too_many() {
    let fake = FakeStore::default();
    let files: Vec<Value> = (0..30).map(|_| file(40 * MIB)).collect();
    let files = json!({ "files": files }).to_string();
    let grants = post(mount(&fake, Policy::new()), files).await.json();
    assert_eq!(grants["grants"].as_array().unwrap().len(), 30);
    assert_eq!(fake.most_in_flight(), 8);
}

#[tokio::test]
async fn nothing_begins_at_the_store_for_a_request_that_is_refused() {
    let fake = FakeStore::default();
    let service = at(store_of(&fake))
        .authorize(|ask| async move {
            if ask.file.name == "b" {
                return Err(presign_layer::Refusal::unauthenticated("Sign in."));
            }
            Ok(Permit::new())
        })
        .build_service()
        .unwrap();
    let files = json!({ "files": [file(40 * MIB), { "name": "b", "size": 1 }] }).to_string();
    problem(&post(service, files).await, 401, "unauthenticated");
    assert!(fake.calls().is_empty());
}

#[tokio::test]
async fn checksums_are_as_the_policy_and_the_store_have_them() {
    let store = |checksums| {
        Store::builder("https://s3.test", "uploads")
            .credentials(Credentials::new(ACCESS_KEY_ID, SECRET))
            .capabilities(Capabilities::aws().with_full_object_checksums(checksums))
            .client(FakeStore::default())
            .build()
            .unwrap()
    };
    let whole = FullObjectChecksums::Whole;
    for (policy, checksums, put, parts) in [
        (
            Policy::new(),
            whole,
            json!({ "contentMd5": true }),
            json!({ "contentMd5": true }),
        ),
        (
            Policy::new().no_content_md5(),
            whole,
            Value::Null,
            Value::Null,
        ),
        (
            Policy::new().full_object_checksum(Crc::Crc64Nvme),
            whole,
            json!({ "contentMd5": true }),
            json!({ "contentMd5": true, "crc": "crc64nvme" }),
        ),
        (
            Policy::new()
                .no_content_md5()
                .full_object_checksum(Crc::Crc32C),
            FullObjectChecksums::WithParts,
            Value::Null,
            json!({ "crc": "crc32c", "crcOnParts": true }),
        ),
    ] {
        let service = at(store(checksums))
            .policy(policy)
            .public()
            .build_service()
            .unwrap();
        assert_eq!(ask(service.clone(), file(1)).await["checksums"], put);
        assert_eq!(ask(service, file(40 * MIB)).await["checksums"], parts);
    }
}

#[tokio::test]
async fn the_store_is_told_of_the_checksum_to_come() {
    let fake = FakeStore::default();
    let policy = Policy::new().full_object_checksum(Crc::Crc64Nvme);
    ask(mount(&fake, policy), file(40 * MIB)).await;
    let headers = fake.headers("create");
    assert_eq!(headers["x-amz-checksum-algorithm"], "CRC64NVME");
    assert_eq!(headers["x-amz-checksum-type"], "FULL_OBJECT");
}

#[tokio::test]
async fn limits_say_from_where_files_go_in_parts() {
    let limits = |policy| async { get(public(policy), "/presignedUrl/limits").await.json() };
    let open = limits(Policy::new()).await;
    assert_eq!(open["maxSize"], 5_u64 << 40);
    assert_eq!(open["multipartThreshold"], 32 * MIB);
    assert_eq!(open["partSize"], 16 * MIB);
    let put = limits(Policy::new().single_put_only()).await;
    assert_eq!(put["maxSize"], 5_u64 << 30);
    for small in [put, limits(Policy::new().max_size(MIB)).await] {
        assert!(small.get("multipartThreshold").is_none(), "{small}");
        assert!(small.get("partSize").is_none(), "{small}");
    }
}
