//! Uploads that are sent to a pending key, and have their own once they are complete.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::join_all;
use md5::{Digest, Md5};
use presign_layer::{
    Capabilities, Credentials, Disposition, Encryption, KeyStrategy, Permit, Policy,
    PresignService, Refusal, Store,
};
use serde_json::{Value, json};

use crate::arriving::post_form;
use crate::fake::{Failure, FakeStore, Object};
use crate::support::{
    ACCESS_KEY_ID, Reply, SECRET, ask, at, complete, complete_one, get, get_json, mount,
    never_the_same, png, post_to, problem, store_of,
};

const MIB: u64 = 1 << 20;
const MARK: &str = "x-amz-meta-presign-upload";

/// Files have their name as their key.
fn policy() -> Policy {
    Policy::new()
        .pending_prefix("pending")
        .key(KeyStrategy::FileName)
        .multipart_threshold(6 * MIB)
        .part_size(5 * MIB)
}

/// A mount whose uploads are all told apart, at a store with these capabilities that copies 5 MiB in one go.
fn mount_at(fake: &FakeStore, capabilities: Capabilities, policy: Policy) -> PresignService {
    let store = Store::builder("https://s3.test", "uploads")
        .credentials(Credentials::new(ACCESS_KEY_ID, SECRET))
        .capabilities(capabilities)
        .copy_at_most(5 * MIB)
        .client(fake.clone())
        .build()
        .unwrap();
    at(store)
        .policy(policy)
        .random(never_the_same())
        .public()
        .build_service()
        .unwrap()
}

fn key(grant: &Value) -> &str {
    grant["key"].as_str().unwrap()
}

fn large() -> Value {
    json!({ "name": "a.bin", "size": 12 * MIB })
}

/// Asks for this file and sends it, whichever way it goes.
async fn sent(fake: &FakeStore, service: &PresignService, file: Value) -> Value {
    let grant = ask(service.clone(), file).await;
    assert!(key(&grant).starts_with("pending/"), "{grant}");
    match grant["method"].as_str() {
        Some("put") => fake.put(&grant),
        Some("post") => post_form(fake, &grant, 5),
        _ => {
            for (url, size) in grant["parts"].as_array().unwrap().iter().zip([5, 5, 2]) {
                fake.put_part(url.as_str().unwrap(), size * MIB);
            }
        }
    }
    grant
}

async fn abort(service: &PresignService, grant: &Value) -> Reply {
    let body = json!({ "token": grant["token"] }).to_string();
    post_to(service.clone(), "/presignedUrl/abort", body).await
}

fn refusal<'a>(result: &'a Value, code: &str) -> &'a str {
    assert_eq!(result["error"]["code"], code, "{result}");
    result["error"]["message"].as_str().unwrap()
}

/// The store has this one object and nothing else: nothing pending, no part of an upload.
fn assert_alone(fake: &FakeStore, key: &str, size: u64) {
    assert_eq!(fake.objects(), [(key.to_owned(), size)]);
    assert_eq!(fake.uploads(), 0, "an upload is left");
}

#[tokio::test]
async fn an_object_has_its_key_once_it_is_complete_and_keeps_all_it_has() {
    let fake = FakeStore::default();
    let policy = policy()
        .cache_control("no-cache")
        .disposition(Disposition::Attachment)
        .metadata("source", "web")
        .storage_class("STANDARD_IA")
        .encryption(Encryption::S3Managed);
    let service = mount_at(&fake, Capabilities::aws(), policy);
    let grant = ask(service.clone(), png(5)).await;
    let headers = grant["headers"].as_object().unwrap();
    assert_eq!(
        headers.keys().collect::<Vec<_>>(),
        [
            "cache-control",
            "content-disposition",
            "content-length",
            "content-type",
            MARK,
            "x-amz-meta-source",
            "x-amz-server-side-encryption"
        ],
        "no class of a pending object, and no condition on its key"
    );
    let pending = format!("pending/{}", headers[MARK].as_str().unwrap());
    assert_eq!(key(&grant), pending);
    fake.put(&grant);

    let done = complete_one(&service, &grant).await;
    assert_eq!(done["key"], "a.png", "{done}");
    let receipt = service.receipts().verify(done["receipt"].as_str().unwrap());
    assert_eq!(receipt.unwrap().key(), "a.png");
    assert_alone(&fake, "a.png", 5);
    assert_eq!(fake.calls(), ["head", "head", "copy", "head", "delete"]);
    let copied = fake.object("a.png").unwrap().headers;
    for (name, value) in headers {
        if name != "content-length" {
            assert_eq!(copied[name], value.as_str().unwrap(), "{name}");
        }
    }
    assert_eq!(copied["x-amz-storage-class"], "STANDARD_IA");
    let asked = fake.headers("copy");
    assert_eq!(asked["if-none-match"], "*");
    assert_eq!(asked["x-amz-copy-source"], format!("uploads/{pending}"));
    assert_eq!(asked["x-amz-server-side-encryption"], "AES256");

    assert_eq!(complete_one(&service, &grant).await, done, "asked again");
    assert_alone(&fake, "a.png", 5);
}

#[tokio::test]
async fn forms_and_parts_are_promoted_too() {
    for capabilities in [Capabilities::aws(), Capabilities::minio()] {
        let fake = FakeStore::default();
        let service = mount_at(
            &fake,
            capabilities,
            policy().post_below(10).no_content_md5(),
        );
        let form = sent(&fake, &service, png(5)).await;
        assert_eq!(form["method"], "post");
        let parts = sent(&fake, &service, large()).await;
        assert_eq!(parts["method"], "multipart");
        let uploads = json!([{ "token": form["token"] }, { "token": parts["token"] }]);
        let done = complete(&service, uploads.clone()).await;
        assert_eq!(
            (&done[0]["key"], &done[0]["size"]),
            (&json!("a.png"), &json!(5))
        );
        assert_eq!(done[1]["key"], "a.bin", "{done:?}");
        assert_eq!(done[1]["size"], 12 * MIB);
        let objects = [("a.bin".to_owned(), 12 * MIB), ("a.png".to_owned(), 5)];
        assert_eq!(fake.objects(), objects);
        assert_eq!(fake.uploads(), 0);
        // Larger than what is copied in one go, and a store that cannot copy with a condition: by parts.
        let calls = fake.calls();
        let copies = |kind| calls.iter().filter(|call| **call == kind).count();
        let by_parts = if capabilities.conditional_copy() {
            3
        } else {
            4
        };
        assert_eq!(
            (copies("copy"), copies("copy part")),
            (4 - by_parts, by_parts)
        );
        let marked = fake.object("a.bin").unwrap().headers;
        assert_eq!(
            Some(marked[MARK].as_str()),
            key(&parts).strip_prefix("pending/")
        );
        assert_eq!(complete(&service, uploads).await, done, "asked again");
    }
}

/// Whatever may be done before an answer, twelve calls at once come to the same one.
#[tokio::test]
async fn twelve_calls_at_once_end_in_one_truth() {
    let careless = Capabilities::garage();
    for (capabilities, policy) in [
        (Capabilities::aws(), policy()),
        (Capabilities::aws(), policy().allow_overwrite()),
        (Capabilities::minio(), policy()),
        (Capabilities::minio(), policy().allow_overwrite()),
        (careless, policy().allow_overwrite()),
    ] {
        for file in [png(5), large()] {
            let fake = FakeStore::default();
            // Six at one server, where they wait for each other, and six at servers of their own.
            let server = || mount_at(&fake, capabilities, policy.clone());
            let service = server();
            let grant = sent(&fake, &service, file.clone()).await;
            let servers: Vec<_> = (0..6).flat_map(|_| [service.clone(), server()]).collect();
            let all = join_all(servers.iter().map(|at| complete_one(at, &grant))).await;
            assert_eq!(all[0]["key"], file["name"], "{}", all[0]);
            for one in &all {
                assert_eq!(one, &all[0], "{capabilities:?}");
            }
            assert_alone(
                &fake,
                file["name"].as_str().unwrap(),
                file["size"].as_u64().unwrap(),
            );
        }
    }
}

/// One request that names an upload many times has one copy made, and the application told once.
#[tokio::test]
async fn an_upload_that_a_request_names_twice_is_completed_once() {
    let fake = FakeStore::default();
    let told = Arc::new(AtomicU8::new(0));
    let telling = Arc::clone(&told);
    let service = at(store_of(&fake))
        .policy(policy().allow_overwrite().post_below(10))
        .random(never_the_same())
        .public()
        .on_complete(move |_| {
            let before = telling.fetch_add(1, Ordering::Relaxed);
            async move { Ok(before) }
        })
        .build_service()
        .unwrap();
    let grant = sent(&fake, &service, png(5)).await;
    let other = ask(service.clone(), png(5)).await;
    let with = |grant: &Value, md5: &str| json!({ "token": grant["token"], "contentMd5": md5 });
    let right = STANDARD.encode(Md5::digest("5"));
    let wrong = "1B2M2Y8AsgTpgAmY7PhCfg==";
    let uploads = json!([
        with(&grant, &right),
        with(&other, &right),
        with(&grant, &right),
        with(&grant, wrong),
        with(&other, &right),
        with(&grant, &right),
    ]);
    let results = complete(&service, uploads).await;
    assert_eq!(results.len(), 6);
    assert_eq!(results[0]["key"], "a.png", "{}", results[0]);
    for same in [2, 5] {
        assert_eq!(results[same], results[0]);
    }
    for missing in [1, 4] {
        refusal(&results[missing], "object_missing");
    }
    let message = refusal(&results[3], "invalid_request");
    assert!(message.contains("different checksums"), "{message}");
    assert_eq!(told.load(Ordering::Relaxed), 1);
    let copies = |calls: Vec<&str>| calls.iter().filter(|call| **call == "copy").count();
    assert_eq!(copies(fake.calls()), 1);
    assert_alone(&fake, "a.png", 5);
}

/// Every call that a promotion makes fails once, before it is done and after: another Complete ends it.
#[tokio::test]
async fn after_a_failure_or_a_lost_answer_the_next_call_ends_it() {
    for capabilities in [Capabilities::aws(), Capabilities::minio()] {
        for file in [png(5), large()] {
            for call in [
                "head",
                "list",
                "create",
                "complete",
                "copy",
                "copy part",
                "delete",
            ] {
                for failure in [
                    Failure::Lost,
                    Failure::Refused(503, "SlowDown"),
                    Failure::DoneBut(200, "InternalError"),
                ] {
                    let fake = FakeStore::default();
                    let service = mount_at(&fake, capabilities, policy());
                    let grant = sent(&fake, &service, file.clone()).await;
                    fake.fail(call, failure);
                    let first = complete_one(&service, &grant).await;
                    if first["key"].is_null() {
                        refusal(&first, "store_failed");
                    }
                    let done = complete_one(&service, &grant).await;
                    assert_eq!(done["key"], file["name"], "{call}: {first} {done}");
                    let objects = [(
                        file["name"].as_str().unwrap().to_owned(),
                        file["size"].as_u64().unwrap(),
                    )];
                    assert_eq!(fake.objects(), objects, "{call}");
                }
            }
        }
    }
}

#[tokio::test]
async fn what_is_complete_stays_as_it_is_when_its_url_is_used_again() {
    for policy in [policy(), policy().allow_overwrite()] {
        let fake = FakeStore::default();
        let service = mount_at(&fake, Capabilities::aws(), policy);
        let grant = sent(&fake, &service, png(5)).await;
        let done = complete_one(&service, &grant).await;
        fake.put(&grant);
        let pending = key(&grant).to_owned();
        fake.before("head", move |objects| {
            objects.get_mut(&pending).unwrap().etag = "another".to_owned();
        });
        assert_eq!(complete_one(&service, &grant).await, done);
        assert_alone(&fake, "a.png", 5);
    }
}

/// A URL is used again while its object is looked at: what is copied is what was looked at.
#[tokio::test]
async fn what_changes_before_it_is_copied_is_looked_at_again() {
    for capabilities in [Capabilities::aws(), Capabilities::minio()] {
        let call = if capabilities.conditional_copy() {
            "copy"
        } else {
            "copy part"
        };
        let fake = FakeStore::default();
        let service = mount_at(&fake, capabilities, policy());
        let grant = sent(&fake, &service, png(5)).await;
        let pending = key(&grant).to_owned();
        let change = |change: fn(&mut Object)| {
            let pending = pending.clone();
            fake.before(call, move |objects| {
                change(objects.get_mut(&pending).unwrap());
            });
        };
        change(|object| object.etag = "another".to_owned());
        change(|object| {
            object.etag = "bad".to_owned();
            object
                .headers
                .insert("content-type".to_owned(), "text/html".to_owned());
        });
        let refused = complete_one(&service, &grant).await;
        let message = refusal(&refused, "object_mismatch");
        assert!(message.contains("as text/html"), "{message}");
        assert!(fake.objects().is_empty(), "{:?}", fake.objects());
        assert_eq!(fake.uploads(), 0);

        fake.put(&grant);
        change(|object| object.etag = "another".to_owned());
        let done = complete_one(&service, &grant).await;
        assert_eq!(done["key"], "a.png", "{done}");
        assert_alone(&fake, "a.png", 5);
    }
}

#[tokio::test]
async fn what_changes_as_often_as_it_is_looked_at_is_not_waited_for() {
    let fake = FakeStore::default();
    let service = mount_at(&fake, Capabilities::aws(), policy());
    let grant = sent(&fake, &service, png(5)).await;
    for change in 0..10 {
        let pending = key(&grant).to_owned();
        fake.before("copy", move |objects| {
            objects.get_mut(&pending).unwrap().etag = format!("{change}");
        });
    }
    refusal(&complete_one(&service, &grant).await, "store_failed");
    assert_eq!(
        fake.calls().iter().filter(|call| **call == "copy").count(),
        5
    );
}

#[tokio::test]
async fn what_has_not_arrived_is_missing_and_what_is_not_as_granted_is_deleted() {
    let fake = FakeStore::default();
    let service = mount_at(&fake, Capabilities::aws(), policy());
    let grant = ask(service.clone(), png(5)).await;
    refusal(&complete_one(&service, &grant).await, "object_missing");
    fake.put(&grant);
    fake.set_header(key(&grant), "content-type", "text/html");
    refusal(&complete_one(&service, &grant).await, "object_mismatch");
    assert!(fake.objects().is_empty());
    fake.put(&grant);
    assert_eq!(complete_one(&service, &grant).await["key"], "a.png");
}

/// The content is looked at before the object has its key, and again under it by every call: the one that copied may have broken off before it looked.
#[tokio::test]
async fn what_contradicts_its_type_is_never_under_its_key() {
    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
    const HTML: &[u8] = b"<!doctype html> ";
    let fake = FakeStore::default();
    let service = mount_at(&fake, Capabilities::aws(), policy().check_content());
    let grant = ask(service.clone(), png(16)).await;
    let send = |bytes: &[u8]| {
        fake.put(&grant);
        fake.set_bytes(key(&grant), bytes);
    };
    send(HTML);
    refusal(&complete_one(&service, &grant).await, "content_mismatch");
    assert!(fake.objects().is_empty());

    // It was looked at, and is replaced before it is copied.
    send(PNG);
    let pending = key(&grant).to_owned();
    fake.before("copy", move |objects| {
        let object = objects.get_mut(&pending).unwrap();
        object.first = HTML.to_vec();
        object.etag = "html".to_owned();
    });
    refusal(&complete_one(&service, &grant).await, "content_mismatch");
    assert!(fake.objects().is_empty());

    // A store that fails is no reason to delete anything.
    send(PNG);
    fake.fail("get", Failure::Refused(503, "SlowDown"));
    refusal(&complete_one(&service, &grant).await, "store_failed");
    let all = join_all((0..12).map(|_| complete_one(&service, &grant))).await;
    for one in &all {
        assert_eq!(one["key"], "a.png", "{one}");
    }
    assert_alone(&fake, "a.png", 16);
    let so_far = fake.calls().len();
    assert_eq!(complete_one(&service, &grant).await, all[0]);
    assert_eq!(fake.calls()[so_far..], ["head", "delete", "get"]);
}

#[tokio::test]
async fn a_wrong_md5_costs_what_is_pending_and_never_what_is_complete() {
    let fake = FakeStore::default();
    let service = mount_at(&fake, Capabilities::aws(), policy().post_below(10));
    let grant = sent(&fake, &service, png(5)).await;
    let with = async |md5: String| {
        let upload = json!({ "token": grant["token"], "contentMd5": md5 });
        complete(&service, json!([upload])).await.remove(0)
    };
    let wrong = "1B2M2Y8AsgTpgAmY7PhCfg==".to_owned();
    refusal(&with(wrong.clone()).await, "checksum_mismatch");
    assert!(fake.objects().is_empty());
    post_form(&fake, &grant, 5);
    let done = with(STANDARD.encode(Md5::digest("5"))).await;
    assert_eq!(done["key"], "a.png", "{done}");
    refusal(&with(wrong).await, "checksum_mismatch");
    assert_alone(&fake, "a.png", 5);
}

#[tokio::test]
async fn a_key_that_is_taken_is_kept_where_overwriting_is_forbidden() {
    for capabilities in [Capabilities::aws(), Capabilities::minio()] {
        for file in [png(5), large()] {
            let name = file["name"].as_str().unwrap();
            let fake = FakeStore::default();
            let service = mount_at(&fake, capabilities, policy());
            fake.put_object(name, 1, "theirs");
            let grant = sent(&fake, &service, file.clone()).await;
            refusal(&complete_one(&service, &grant).await, "object_exists");
            assert_eq!(fake.objects(), [(name.to_owned(), 1)]);

            // It is taken at the last moment.
            let fake = FakeStore::default();
            let service = mount_at(&fake, capabilities, policy());
            let grant = sent(&fake, &service, file.clone()).await;
            let in_one_go = capabilities.conditional_copy() && name == "a.png";
            let call = if in_one_go { "copy" } else { "copy part" };
            let taken = name.to_owned();
            let theirs = Object {
                size: 1,
                etag: "theirs".to_owned(),
                first: Vec::new(),
                headers: BTreeMap::new(),
            };
            fake.before(call, move |objects| {
                objects.insert(taken, theirs);
            });
            refusal(&complete_one(&service, &grant).await, "object_exists");
            assert_alone(&fake, name, 1);
        }
    }
}

/// The one that is completed last stays, and each is told what is there when it is told.
#[tokio::test]
async fn where_overwriting_is_allowed_the_later_promotion_stays() {
    for capabilities in [
        Capabilities::aws(),
        Capabilities::minio(),
        Capabilities::garage(),
    ] {
        let fake = FakeStore::default();
        let service = mount_at(&fake, capabilities, policy().allow_overwrite());
        let older = sent(&fake, &service, png(5)).await;
        let newer = sent(&fake, &service, png(6)).await;
        assert_ne!(older["key"], newer["key"]);
        assert_eq!(complete_one(&service, &newer).await["size"], 6);
        assert_eq!(complete_one(&service, &older).await["size"], 5);
        assert_alone(&fake, "a.png", 5);
        refusal(&complete_one(&service, &newer).await, "object_missing");
        assert_alone(&fake, "a.png", 5);
        assert!(!fake.headers("copy").contains_key("if-none-match"));
    }
}

/// Garage gives up all uploads to a key, those of copies too, as soon as one of them is done.
#[tokio::test]
async fn a_copy_that_another_calls_copy_has_ended_is_done_or_made_again() {
    for failure in [
        Failure::DoneBut(404, "NoSuchUpload"),
        Failure::Refused(404, "NoSuchUpload"),
    ] {
        let fake = FakeStore::default();
        let service = mount_at(&fake, Capabilities::garage(), policy().allow_overwrite());
        let file = json!({ "name": "a.bin", "size": 5 * MIB + 9 });
        let grant = sent(&fake, &service, file).await;
        fake.fail("complete", failure);
        let done = complete_one(&service, &grant).await;
        assert_eq!(done["key"], "a.bin", "{done}");
        assert_alone(&fake, "a.bin", 5 * MIB + 9);
    }
}

/// Whoever can choose an `ETag`, as at `MinIO`, has something else copied than was looked at. It does not stay, and there is no receipt for it.
#[tokio::test]
async fn a_copy_whose_content_contradicts_its_type_does_not_stay() {
    for broken_off in [false, true] {
        let fake = FakeStore::default();
        let service = mount_at(&fake, Capabilities::aws(), policy().check_content());
        let grant = sent(&fake, &service, png(8)).await;
        let pending = key(&grant).to_owned();
        fake.set_bytes(&pending, b"\x89PNG\r\n\x1a\n");
        let etag = fake.object(&pending).unwrap().etag;
        fake.before("copy", move |objects| {
            let object = objects.get_mut(&pending).unwrap();
            object.first = b"<script>".to_vec();
            object.etag = etag;
        });
        if broken_off {
            fake.fail("copy", Failure::DoneBut(403, "AccessDenied"));
            refusal(&complete_one(&service, &grant).await, "store_failed");
            refusal(&complete_one(&service, &grant).await, "content_mismatch");
            // It may have been under that key before; nobody has a receipt.
            assert_alone(&fake, "a.png", 8);
        } else {
            refusal(&complete_one(&service, &grant).await, "content_mismatch");
            assert!(fake.objects().is_empty());
            refusal(&complete_one(&service, &grant).await, "object_missing");
        }
    }
}

/// The same where the MD5 that the client gave is not that of the copy alone.
#[tokio::test]
async fn a_copy_that_is_not_what_its_md5_says_does_not_stay() {
    for broken_off in [false, true] {
        let fake = FakeStore::default();
        let service = mount_at(&fake, Capabilities::aws(), policy().post_below(10));
        let grant = sent(&fake, &service, png(5)).await;
        let etag = fake.object(key(&grant)).unwrap().etag;
        let md5 = STANDARD.encode(u128::from_str_radix(&etag, 16).unwrap().to_be_bytes());
        let completed = async || {
            let upload = json!({ "token": grant["token"], "contentMd5": md5 });
            complete(&service, json!([upload])).await.remove(0)
        };
        // It is looked at, copied, and only now looked at for what it is.
        if broken_off {
            fake.fail("copy", Failure::DoneBut(403, "AccessDenied"));
            refusal(&completed().await, "store_failed");
        }
        let looks = if broken_off { 0 } else { 2 };
        for _ in 0..looks {
            fake.before("head", |_| ());
        }
        fake.before("head", |objects| {
            objects.get_mut("a.png").unwrap().etag = "0".repeat(32);
        });
        refusal(&completed().await, "checksum_mismatch");
        if broken_off {
            // Another call may have made it, and have given a receipt.
            assert_alone(&fake, "a.png", 5);
        } else {
            assert!(fake.objects().is_empty(), "{:?}", fake.objects());
            refusal(&completed().await, "object_missing");
        }
    }
}

#[tokio::test]
async fn what_is_replaced_as_soon_as_it_is_promoted_is_not_promoted_again() {
    let fake = FakeStore::default();
    let service = mount_at(&fake, Capabilities::garage(), policy().allow_overwrite());
    let grant = sent(&fake, &service, png(5)).await;
    fake.before("head", |_| ());
    fake.before("head", |_| ());
    fake.before("head", |objects| {
        let object = objects.get_mut("a.png").unwrap();
        object.headers.insert(MARK.to_owned(), "another".to_owned());
    });
    refusal(&complete_one(&service, &grant).await, "object_mismatch");
    assert_alone(&fake, "a.png", 5);
    refusal(&complete_one(&service, &grant).await, "object_missing");
}

#[tokio::test]
async fn what_the_store_does_not_show_at_once_is_waited_for() {
    let fake = FakeStore::default();
    let service = mount_at(&fake, Capabilities::aws(), policy());
    let grant = sent(&fake, &service, png(5)).await;
    let hidden = fake.clone();
    fake.before("copy", |_| ());
    let (done, ()) = futures_util::future::join(complete_one(&service, &grant), async {
        while !hidden.calls().contains(&"copy") {
            tokio::task::yield_now().await;
        }
        hidden.hide_objects(2);
    })
    .await;
    assert_eq!(done["key"], "a.png", "{done}");
    assert_alone(&fake, "a.png", 5);
}

#[tokio::test]
async fn an_upload_that_is_given_up_leaves_nothing_and_one_that_is_complete_stays() {
    for file in [png(5), large()] {
        let fake = FakeStore::default();
        let service = mount_at(&fake, Capabilities::aws(), policy());
        let grant = sent(&fake, &service, file.clone()).await;
        fake.fail("delete", Failure::Refused(503, "SlowDown"));
        problem(&abort(&service, &grant).await, 502, "store_failed");
        assert_eq!(abort(&service, &grant).await.status, 204);
        assert!(fake.objects().is_empty());
        assert_eq!(fake.uploads(), 0);

        let grant = sent(&fake, &service, file.clone()).await;
        complete_one(&service, &grant).await;
        assert_eq!(abort(&service, &grant).await.status, 204);
        let name = file["name"].as_str().unwrap();
        assert_alone(&fake, name, file["size"].as_u64().unwrap());
    }
}

#[tokio::test]
async fn whoever_asks_later_is_told_the_key_where_the_object_stays() {
    let fake = FakeStore::default();
    let asked = |ask: presign_layer::Ask| async move {
        match ask.upload {
            Some(upload) if upload.key.as_str() != "users/42/a.bin" => Err(Refusal::forbidden(
                format!("{} is another key.", upload.key),
            )),
            _ => Ok(Permit::new().key_prefix("users/42")),
        }
    };
    let service = at(store_of(&fake))
        .policy(policy())
        .authorize(asked)
        .build_service()
        .unwrap();
    let grant = sent(&fake, &service, large()).await;
    let resume = async || {
        let body = json!({ "token": grant["token"] }).to_string();
        let reply = post_to(service.clone(), "/presignedUrl/resume", body).await;
        assert_eq!(reply.status, 200, "{}", reply.text());
        reply.json()
    };
    let progress = resume().await;
    assert_eq!(progress["key"], "users/42/a.bin");
    assert_eq!(progress["parts"].as_array().unwrap().len(), 3);
    let done = complete_one(&service, &grant).await;
    assert_eq!(done["key"], "users/42/a.bin", "{done}");
    let progress = resume().await;
    assert_eq!(progress["parts"].as_array().unwrap().len(), 3, "{progress}");
}

#[tokio::test]
async fn keys_may_be_as_long_as_ever_and_not_below_the_prefix() {
    let fake = FakeStore::default();
    let service = mount(&fake, policy());
    let name = "k".repeat(1024);
    let grant = sent(&fake, &service, json!({ "name": name, "size": 5 })).await;
    assert_eq!(complete_one(&service, &grant).await["key"], name);
    for name in ["pending/a.png", &format!("pending/{}", key(&grant))] {
        let refused = ask(service.clone(), json!({ "name": name, "size": 5 })).await;
        let message = refusal(&refused, "invalid_key");
        assert!(message.contains("begins with `pending/`"), "{message}");
    }
    let beside = ask(service, json!({ "name": "pendingX", "size": 5 })).await;
    assert!(beside["error"].is_null(), "{beside}");
}

#[tokio::test]
async fn what_is_pending_cannot_be_downloaded() {
    let fake = FakeStore::default();
    let service = at(store_of(&fake)).policy(policy()).public().downloads();
    let service = service.build_service().unwrap();
    let grant = sent(&fake, &service, png(5)).await;
    let download = async |key: &str| {
        let path = format!("/presignedUrl/download?key={key}");
        get(service.clone(), &path).await
    };
    problem(&download(key(&grant)).await, 404, "object_not_found");
    assert!(fake.calls().is_empty());
    complete_one(&service, &grant).await;
    assert_eq!(download("a.png").await.status, 302);
}

/// Nothing that came that way could be completed.
#[tokio::test]
async fn a_url_alone_is_not_given() {
    let service = mount(&FakeStore::default(), policy().allow_overwrite());
    let bare = get(service.clone(), "/presignedUrl?name=a.png").await;
    let whole = "/presignedUrl?name=a.png&size=5&type=image/png";
    for reply in [bare, get_json(service, whole).await] {
        let refused = problem(&reply, 400, "invalid_request");
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.contains("use `POST`"), "{detail}");
    }
}
