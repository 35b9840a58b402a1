//! Uploads in one request after the grant: whether they have arrived is seen at the store.

use std::collections::BTreeMap;

use presign_layer::{KeyStrategy, Policy, PostLength, PresignService};
use serde_json::{Value, json};

use crate::fake::{Failure, FakeStore};
use crate::support::{
    ask, at, complete, complete_one, free, get_json, mount, never_the_same, png, post, post_to,
    problem, store_of,
};

const MARK: &str = "x-amz-meta-presign-upload";

#[tokio::test]
async fn what_has_arrived_is_told_as_the_store_has_it() {
    let fake = FakeStore::default();
    let service = mount(&fake, Policy::new());
    let grant = ask(service.clone(), png(5)).await;
    fake.put(&grant);
    let key = grant["key"].as_str().unwrap();
    fake.set_header(key, "x-amz-checksum-crc64nvme", "rosUhgp5mIg=");
    let done = complete_one(&service, &grant).await;
    assert_eq!(done["key"], grant["key"], "{done}");
    assert_eq!(done["size"], 5);
    assert_eq!(done["type"], "image/png");
    assert_eq!(done["etag"].as_str().unwrap().len(), 32);
    assert_eq!(
        done["checksum"],
        json!({ "crc": "crc64nvme", "value": "rosUhgp5mIg=" })
    );
    assert!(!done["receipt"].as_str().unwrap().is_empty());
    assert_eq!(fake.calls(), ["head"]);
    assert_eq!(fake.headers("head")["x-amz-checksum-mode"], "ENABLED");
    assert_eq!(complete_one(&service, &grant).await, done, "asked again");
}

#[tokio::test]
async fn what_has_not_arrived_is_missing_until_it_has() {
    let fake = FakeStore::default();
    let service = mount(&fake, Policy::new());
    let grant = ask(service.clone(), png(5)).await;
    let refused = complete_one(&service, &grant).await;
    assert_eq!(refused["error"]["code"], "object_missing", "{refused}");
    fake.put(&grant);
    fake.fail("head", Failure::Refused(403, ""));
    let refused = complete_one(&service, &grant).await;
    assert_eq!(refused["error"]["code"], "store_failed", "{refused}");
    assert_eq!(complete_one(&service, &grant).await["key"], grant["key"]);
}

/// A store that does not hold to what is signed, or somebody who has another way to write there.
#[tokio::test]
async fn another_size_type_or_upload_is_not_taken_for_what_was_granted() {
    let fake = FakeStore::default();
    let service = mount(&fake, Policy::new());
    let grant = ask(service.clone(), png(5)).await;
    let key = grant["key"].as_str().unwrap();
    let granted: BTreeMap<String, String> =
        serde_json::from_value(grant["headers"].clone()).unwrap();
    let with = |name: &str, value: &str| {
        let mut headers = granted.clone();
        headers.insert(name.to_owned(), value.to_owned());
        headers
    };
    let without = |name: &str| {
        let mut headers = granted.clone();
        headers.remove(name);
        headers
    };
    for (size, headers, says) in [
        (6, granted.clone(), "6 bytes of the file; granted were 5"),
        (
            5,
            with("content-type", "text/html"),
            "as text/html; granted was image/png",
        ),
        (5, without("content-type"), "granted was image/png"),
        (5, with(MARK, "another upload"), "another object"),
        (5, without(MARK), "another object"),
        (6, without(MARK), "another object"),
    ] {
        fake.put_as(key, size, headers);
        let refused = complete_one(&service, &grant).await;
        assert_eq!(refused["error"]["code"], "object_mismatch", "{refused}");
        let message = refused["error"]["message"].as_str().unwrap();
        assert!(message.contains(says), "{message}");
    }
    fake.put_as(key, 5, with("content-type", "Image/PNG"));
    let done = complete_one(&service, &grant).await;
    assert_eq!(done["type"], "Image/PNG", "as the store spells it");
}

#[tokio::test]
async fn a_file_of_unknown_type_arrives_as_such() {
    let fake = FakeStore::default();
    let service = mount(&fake, Policy::new());
    let grant = ask(service.clone(), json!({ "name": "a", "size": 1 })).await;
    fake.put(&grant);
    let done = complete_one(&service, &grant).await;
    assert_eq!(done["type"], "application/octet-stream", "{done}");
}

/// Two files of one key: the second one that arrives is there, and the first one is not.
#[tokio::test]
async fn of_two_uploads_of_a_key_only_the_later_has_arrived() {
    let fake = FakeStore::default();
    let key = KeyStrategy::custom(|_| "disk.img".to_owned());
    let service = at(store_of(&fake))
        .policy(Policy::new().key(key).allow_overwrite())
        .random(never_the_same())
        .public()
        .build_service()
        .unwrap();
    let older = ask(service.clone(), png(5)).await;
    let newer = ask(service.clone(), png(5)).await;
    fake.put(&older);
    let refused = complete_one(&service, &newer).await;
    assert_eq!(refused["error"]["code"], "object_mismatch", "{refused}");
    assert_eq!(complete_one(&service, &older).await["key"], "disk.img");
    fake.put(&newer);
    assert_eq!(complete_one(&service, &newer).await["key"], "disk.img");
    let refused = complete_one(&service, &older).await;
    assert_eq!(refused["error"]["code"], "object_mismatch", "{refused}");
}

/// A hundred files: one request to these endpoints, and one to the store for each of them, few at once.
#[tokio::test]
async fn many_files_take_one_look_each_and_keep_their_order() {
    let fake = FakeStore::default();
    let key = KeyStrategy::custom(|naming| naming.safe_name.to_owned());
    let service = mount(&fake, Policy::new().key(key));
    let files: Vec<Value> = (0..100)
        .map(|number| json!({ "name": number.to_string(), "size": number }))
        .collect();
    let grants = post(service.clone(), json!({ "files": files }).to_string()).await;
    let grants = grants.json()["grants"].take();
    let grants = grants.as_array().unwrap();
    for (number, grant) in grants.iter().enumerate() {
        if number != 50 {
            fake.put(grant);
        }
    }
    let uploads: Vec<Value> = grants
        .iter()
        .map(|grant| json!({ "token": grant["token"] }))
        .collect();
    let results = complete(&service, json!(uploads)).await;
    for (number, result) in results.iter().enumerate() {
        if number == 50 {
            assert_eq!(result["error"]["code"], "object_missing");
        } else {
            assert_eq!(result["key"], number.to_string(), "{result}");
            assert_eq!(result["size"], number);
        }
    }
    assert_eq!(fake.calls(), vec!["head"; 100]);
    assert_eq!(fake.most_in_flight(), 8);
}

#[tokio::test]
async fn a_whole_file_has_no_parts_and_is_given_up_without_the_store() {
    let fake = FakeStore::default();
    let service = mount(&fake, Policy::new());
    let grant = ask(service.clone(), png(5)).await;
    let to = async |endpoint: &str, body: Value| {
        let path = format!("/presignedUrl/{endpoint}");
        post_to(service.clone(), &path, body.to_string()).await
    };
    for (endpoint, body) in [
        ("parts", json!({ "token": grant["token"], "from": 1 })),
        ("resume", json!({ "token": grant["token"] })),
    ] {
        let refused = problem(&to(endpoint, body).await, 400, "invalid_request");
        let detail = refused["detail"].as_str().unwrap();
        assert!(detail.contains("has no parts"), "{detail}");
    }
    let given_up = to("abort", json!({ "token": grant["token"] })).await;
    assert_eq!(given_up.status, 204);
    assert!(fake.calls().is_empty());
}

#[tokio::test]
async fn a_proof_that_was_not_asked_for_is_refused() {
    let fake = FakeStore::default();
    let service = mount(&fake, Policy::new());
    let grant = ask(service.clone(), png(5)).await;
    fake.put(&grant);
    for (name, value) in [
        ("checksum", "rosUhgp5mIg="),
        ("contentMd5", "1B2M2Y8AsgTpgAmY7PhCfg=="),
    ] {
        let upload = json!({ "token": grant["token"], name: value });
        let refused = complete(&service, json!([upload])).await.remove(0);
        assert_eq!(refused["error"]["code"], "invalid_request", "{refused}");
    }
}

#[tokio::test]
async fn what_nobody_verifies_has_neither_token_nor_mark() {
    let unmarked = |grant: &Value| {
        assert_eq!(grant["method"], "put", "{grant}");
        assert_eq!(grant["token"], Value::Null, "{grant}");
        assert_eq!(grant["headers"][MARK], Value::Null, "{grant}");
    };
    let fake = FakeStore::default();
    let unverified = Policy::new().unverified();
    let form = ask(mount(&fake, unverified.clone().post_below(10)), png(5)).await;
    assert_eq!(form["method"], "post", "{form}");
    assert_eq!(form["token"], Value::Null, "{form}");
    assert_eq!(form["checksums"], Value::Null, "{form}");
    assert_eq!(form["fields"][MARK], Value::Null, "{form}");
    let service = mount(&fake, unverified.multipart_threshold(10));
    unmarked(&ask(service.clone(), png(5)).await);
    // What goes in parts has to be completed all the same.
    let in_parts = ask(service, png(10)).await;
    assert!(in_parts["token"].is_string(), "{in_parts}");
    // The guide's own endpoint has nothing to complete.
    let service: PresignService = mount(&fake, free());
    let reply = get_json(service, "/presignedUrl?name=a.png&size=5&type=image/png").await;
    unmarked(&reply.json());
}

/// What the browser does with a form, as far as the store tells of it: the object has the form's fields.
pub(crate) fn post_form(fake: &FakeStore, grant: &Value, size: u64) {
    let fields: BTreeMap<String, String> = serde_json::from_value(grant["fields"].clone()).unwrap();
    let fields = fields
        .into_iter()
        .map(|(name, value)| (name.to_lowercase(), value))
        .collect();
    fake.put_as(grant["key"].as_str().unwrap(), size, fields);
}

#[tokio::test]
async fn a_form_arrives_with_a_length_in_its_range_and_the_md5_that_was_read() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use md5::{Digest, Md5};

    let fake = FakeStore::default();
    let policy = Policy::new().min_size(2).post_below(100);
    let ranged = mount(&fake, policy.clone().post_length(PostLength::Ranged));
    // The store in memory makes an object's ETag of its size.
    let done = async |service: &PresignService, grant: &Value, size: u64| {
        let md5 = STANDARD.encode(Md5::digest(size.to_string()));
        let upload = json!({ "token": grant["token"], "contentMd5": md5 });
        complete(service, json!([upload])).await.remove(0)
    };
    let grant = ask(ranged.clone(), png(5)).await;
    assert_eq!(grant["method"], "post");
    for (size, arrives) in [(1, false), (2, true), (5, true), (6, false)] {
        post_form(&fake, &grant, size);
        let result = done(&ranged, &grant, size).await;
        if arrives {
            assert_eq!(result["size"], size, "{result}");
        } else {
            assert_eq!(result["error"]["code"], "object_mismatch", "{result}");
        }
    }
    let exact = mount(&fake, policy);
    let grant = ask(exact.clone(), png(5)).await;
    post_form(&fake, &grant, 4);
    let short = done(&exact, &grant, 4).await;
    assert_eq!(short["error"]["code"], "object_mismatch", "{short}");
    post_form(&fake, &grant, 5);
    for (md5, code) in [
        (Value::Null, "invalid_request"),
        (json!("AAAA"), "invalid_request"),
        (json!("1B2M2Y8AsgTpgAmY7PhCfg=="), "checksum_mismatch"),
    ] {
        let upload = json!({ "token": grant["token"], "contentMd5": md5 });
        let refused = complete(&exact, json!([upload])).await.remove(0);
        assert_eq!(refused["error"]["code"], code, "{refused}");
    }
    assert_eq!(done(&exact, &grant, 5).await["key"], grant["key"]);
}

/// What a key of KMS encrypted has an `ETag` that looks like an MD5, and is none: nothing can be said of the bytes, and what is right is not refused.
#[tokio::test]
async fn an_etag_of_an_encrypted_object_is_not_taken_for_an_md5() {
    let fake = FakeStore::default();
    let service = mount(&fake, Policy::new().post_below(100));
    let grant = ask(service.clone(), png(5)).await;
    post_form(&fake, &grant, 5);
    let key = grant["key"].as_str().unwrap();
    let other = "1B2M2Y8AsgTpgAmY7PhCfg==";
    for (name, value, refused) in [
        ("x-amz-server-side-encryption", "AES256", true),
        ("x-amz-server-side-encryption", "aws:kms", false),
        ("x-amz-server-side-encryption", "aws:kms:dsse", false),
    ] {
        fake.set_header(key, name, value);
        let upload = json!({ "token": grant["token"], "contentMd5": other });
        let result = complete(&service, json!([upload])).await.remove(0);
        if refused {
            assert_eq!(result["error"]["code"], "checksum_mismatch", "{value}");
        } else {
            assert_eq!(result["key"], grant["key"], "{value}: {result}");
        }
    }
}
