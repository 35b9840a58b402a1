//! Uploads in parts after the grant: they become objects, go on after a reload, or are given up.

use futures_util::future::join;
use presign_layer::protocol::Crc;
use presign_layer::{Encryption, KeyStrategy, Policy, PresignService};
use serde_json::{Value, json};

use crate::fake::{Failure, FakeStore};
use crate::support::{Reply, ask, at, mount, never_the_same, post_to, problem, store_of};

const MIB: u64 = 1 << 20;
/// Bytes of the file that these tests send: parts of 5, 5 and 2 MiB.
const SIZE: u64 = 12 * MIB;

fn policy() -> Policy {
    Policy::new().multipart_threshold(1).part_size(5 * MIB)
}

async fn to(service: &PresignService, endpoint: &str, body: Value) -> Reply {
    let path = format!("/presignedUrl/{endpoint}");
    post_to(service.clone(), &path, body.to_string()).await
}

/// Completes one upload and gives what stands in its place.
async fn complete(service: &PresignService, grant: &Value) -> Value {
    complete_with(service, json!({ "token": grant["token"] })).await
}

async fn complete_with(service: &PresignService, upload: Value) -> Value {
    let reply = to(service, "complete", json!({ "uploads": [upload] })).await;
    assert_eq!(reply.status, 200, "{}", reply.text());
    reply.json()["results"][0].take()
}

fn send(fake: &FakeStore, grant: &Value, numbers: impl IntoIterator<Item = usize>) {
    for number in numbers {
        let url = grant["parts"][number - 1].as_str().unwrap();
        fake.put_part(url, if number == 3 { 2 * MIB } else { 5 * MIB });
    }
}

/// A file of which every part has been sent.
async fn sent(fake: &FakeStore, service: &PresignService) -> Value {
    let grant = ask(service.clone(), json!({ "name": "a.bin", "size": SIZE })).await;
    assert_eq!(grant["partCount"], 3, "{grant}");
    send(fake, &grant, 1..=3);
    grant
}

fn assert_done(result: &Value, grant: &Value) {
    assert_eq!(result["key"], grant["key"], "{result}");
    assert_eq!(result["size"], SIZE);
    assert!(result["etag"].as_str().unwrap().ends_with("-3"), "{result}");
}

#[tokio::test]
async fn parts_become_an_object() {
    let fake = FakeStore::default();
    let service = mount(&fake, policy());
    let grant = sent(&fake, &service).await;
    assert_done(&complete(&service, &grant).await, &grant);
    assert_eq!(
        fake.objects(),
        [(grant["key"].as_str().unwrap().to_owned(), SIZE)]
    );
    assert_eq!(fake.calls(), ["create", "list", "complete", "head"]);
    assert_eq!(fake.headers("complete")["if-none-match"], "*");
}

#[tokio::test]
async fn where_overwriting_is_allowed_nothing_forbids_it() {
    let fake = FakeStore::default();
    let service = mount(&fake, policy().allow_overwrite());
    let grant = sent(&fake, &service).await;
    fake.put_object(grant["key"].as_str().unwrap(), 1, "older");
    assert_done(&complete(&service, &grant).await, &grant);
    assert!(!fake.headers("complete").contains_key("if-none-match"));
}

#[tokio::test]
async fn parts_that_are_missing_or_of_another_size_are_listed() {
    let fake = FakeStore::default();
    let service = mount(&fake, policy());
    let grant = ask(service.clone(), json!({ "name": "a", "size": SIZE })).await;
    send(&fake, &grant, [2]);
    fake.put_unsigned("upload-1", 3, 2 * MIB + 1);
    let refused = complete(&service, &grant).await;
    assert_eq!(refused["error"]["code"], "parts_missing");
    assert_eq!(refused["error"]["missingParts"], json!([1, 3]));
    assert_eq!(fake.calls(), ["create", "list"]);
    send(&fake, &grant, [1, 3]);
    assert_done(&complete(&service, &grant).await, &grant);
}

#[tokio::test]
async fn parts_that_the_store_lists_and_does_not_take_are_sent_again() {
    let fake = FakeStore::default();
    let service = mount(&fake, policy());
    let grant = sent(&fake, &service).await;
    fake.fail("complete", Failure::Refused(400, "InvalidPart"));
    let refused = complete(&service, &grant).await;
    assert_eq!(refused["error"]["code"], "parts_missing");
    assert_eq!(refused["error"]["missingParts"], json!([1, 2, 3]));
    assert_done(&complete(&service, &grant).await, &grant);
}

#[tokio::test]
async fn a_list_is_answered_in_its_order_and_each_upload_for_itself() {
    let fake = FakeStore::default();
    let key = KeyStrategy::custom(|naming| naming.safe_name.to_owned());
    let service = at(store_of(&fake))
        .policy(policy().key(key).max_files(40))
        .random(never_the_same())
        .public()
        .build_service()
        .unwrap();
    let mut uploads = Vec::new();
    for number in 0..30 {
        let grant = ask(
            service.clone(),
            json!({ "name": format!("{number}"), "size": SIZE }),
        )
        .await;
        if number != 7 {
            send(&fake, &grant, 1..=3);
        }
        uploads.push(json!({ "token": grant["token"] }));
    }
    uploads[3] = json!({ "token": "nonsense" });
    let results = to(&service, "complete", json!({ "uploads": uploads }))
        .await
        .json();
    for (number, result) in results["results"].as_array().unwrap().iter().enumerate() {
        match number {
            3 => assert_eq!(result["error"]["code"], "token_invalid"),
            7 => assert_eq!(result["error"]["code"], "parts_missing"),
            _ => assert_eq!(result["key"], number.to_string()),
        }
    }
    assert_eq!(fake.most_in_flight(), 8);
}

#[tokio::test]
async fn a_list_has_one_upload_at_least_and_as_many_as_files_at_most() {
    let service = mount(&FakeStore::default(), policy().max_files(2));
    let uploads = |count| json!({ "uploads": vec![json!({ "token": "" }); count] });
    problem(&to(&service, "complete", uploads(0)).await, 400, "no_files");
    let refused = to(&service, "complete", uploads(3)).await;
    let refused = problem(&refused, 400, "too_many_files");
    assert_eq!(refused["maxFiles"], 2);
    assert!(
        refused["detail"]
            .as_str()
            .unwrap()
            .contains("`uploads` has 3")
    );
    assert_eq!(to(&service, "complete", uploads(2)).await.status, 200);
}

/// Two files of one key at the same moment: what is there in the end is another file, whatever the store said of ours.
#[tokio::test]
async fn a_store_that_says_done_is_not_believed_without_the_object() {
    let fake = FakeStore::default();
    let service = mount(&fake, policy().allow_overwrite());
    let grant = sent(&fake, &service).await;
    fake.replace_when_done(SIZE + 1);
    let refused = complete(&service, &grant).await;
    assert_eq!(refused["error"]["code"], "store_failed", "{refused}");
}

#[tokio::test]
async fn completing_twice_is_done_twice() {
    let fake = FakeStore::default();
    let service = mount(&fake, policy());
    let grant = sent(&fake, &service).await;
    let first = complete(&service, &grant).await;
    assert_done(&first, &grant);
    assert_eq!(complete(&service, &grant).await, first);
}

/// What happens to the call is one thing, what the store then has another: only the second counts.
#[tokio::test]
async fn an_object_that_is_there_whole_is_done_whatever_was_answered() {
    for failure in [
        Failure::Lost,
        Failure::DoneBut(500, "InternalError"),
        Failure::DoneBut(200, "InternalError"),
        Failure::DoneBut(404, "NoSuchUpload"),
        Failure::DoneBut(400, "InvalidPart"),
        Failure::DoneBut(412, "PreconditionFailed"),
        Failure::DoneBut(409, "ConditionalRequestConflict"),
        Failure::DoneBut(403, "AccessDenied"),
        Failure::DoneBut(502, ""),
    ] {
        let fake = FakeStore::default();
        let service = mount(&fake, policy());
        let grant = sent(&fake, &service).await;
        fake.fail("complete", failure);
        assert_done(&complete(&service, &grant).await, &grant);
    }
    // A store that knows nothing of an upload that is complete may say so of its parts already.
    for (status, code) in [
        (404, "NoSuchUpload"),
        (403, "AccessDenied"),
        (500, "InternalError"),
    ] {
        let fake = FakeStore::default();
        let service = mount(&fake, policy());
        let grant = sent(&fake, &service).await;
        complete(&service, &grant).await;
        fake.fail("list", Failure::Refused(status, code));
        assert_done(&complete(&service, &grant).await, &grant);
    }
}

#[tokio::test]
async fn an_upload_that_did_not_become_an_object_says_why() {
    for (failure, code) in [
        (Failure::Refused(500, "InternalError"), "store_failed"),
        (Failure::Refused(200, "InternalError"), "store_failed"),
        (Failure::Refused(403, "AccessDenied"), "store_failed"),
        (Failure::Refused(404, "NoSuchUpload"), "upload_gone"),
        (Failure::Refused(412, "PreconditionFailed"), "object_exists"),
        (Failure::Refused(400, "BadDigest"), "checksum_mismatch"),
    ] {
        let fake = FakeStore::default();
        let service = mount(&fake, policy());
        let grant = sent(&fake, &service).await;
        fake.fail("complete", failure);
        let refused = complete(&service, &grant).await;
        assert_eq!(refused["error"]["code"], code, "{refused}");
    }
    let fake = FakeStore::default();
    let service = mount(&fake, policy());
    let grant = sent(&fake, &service).await;
    fake.fail("head", Failure::Refused(403, ""));
    let refused = complete(&service, &grant).await;
    assert_eq!(
        refused["error"]["code"], "store_failed",
        "the object was not seen"
    );
    assert_done(&complete(&service, &grant).await, &grant);
}

#[tokio::test]
async fn another_object_under_the_key_is_not_taken_for_ours() {
    const OTHER: &str = "00000000000000000000000000000000";
    for (size, etag) in [
        (SIZE + 1, "opaque".to_owned()),
        (SIZE, format!("{OTHER}-2")),
        (SIZE, format!("{OTHER}-3")),
    ] {
        let fake = FakeStore::default();
        let service = mount(&fake, policy());
        let grant = sent(&fake, &service).await;
        fake.put_object(grant["key"].as_str().unwrap(), size, &etag);
        let refused = complete(&service, &grant).await;
        assert_eq!(refused["error"]["code"], "object_exists", "{etag}");
    }
    // Where keys come from the key management service, an ETag is no MD5.
    let fake = FakeStore::default();
    let kms = Encryption::Kms { key_id: None };
    let service = mount(&fake, policy().encryption(kms));
    let grant = sent(&fake, &service).await;
    fake.put_object(grant["key"].as_str().unwrap(), SIZE, &format!("{OTHER}-3"));
    let refused = complete(&service, &grant).await;
    assert_eq!(refused["error"]["code"], "object_exists");
}

/// Files of fixed size that replace each other (a disk image, a database): one that was aborted, or that the store just fails to list, is
/// not done because its predecessor is there.
#[tokio::test]
async fn the_object_that_an_upload_is_to_replace_is_not_taken_for_it() {
    let fake = FakeStore::default();
    let key = KeyStrategy::custom(|_| "disk.img".to_owned());
    let service = at(store_of(&fake))
        .policy(policy().key(key).allow_overwrite())
        .random(never_the_same())
        .public()
        .build_service()
        .unwrap();
    let older = sent(&fake, &service).await;
    assert_done(&complete(&service, &older).await, &older);
    let newer = ask(service.clone(), json!({ "name": "a.bin", "size": SIZE })).await;
    for (status, code) in [
        (500, "InternalError"),
        (503, "SlowDown"),
        (403, "AccessDenied"),
    ] {
        fake.fail("list", Failure::Refused(status, code));
        let refused = complete(&service, &newer).await;
        assert_eq!(refused["error"]["code"], "store_failed", "{refused}");
    }
    let token = json!({ "token": newer["token"] });
    fake.fail("list", Failure::Refused(403, "AccessDenied"));
    let resumed = to(&service, "resume", token.clone()).await;
    problem(&resumed, 502, "store_failed");
    fake.forget_uploads();
    let refused = complete(&service, &newer).await;
    assert_eq!(refused["error"]["code"], "upload_gone", "{refused}");
    problem(&to(&service, "resume", token).await, 410, "upload_gone");
    assert_done(&complete(&service, &older).await, &older);
}

#[tokio::test]
async fn two_calls_at_once_both_end_in_success() {
    let fake = FakeStore::default();
    // At two servers, and at one, where they wait for each other.
    let servers = [mount(&fake, policy()), mount(&fake, policy())];
    let service = servers[0].clone();
    for other_server in [&servers[1], &service] {
        let grant = sent(&fake, &service).await;
        let at_once = join(complete(&service, &grant), complete(other_server, &grant));
        let (one, other) = at_once.await;
        assert_done(&one, &grant);
        assert_eq!(one, other);
    }
    let grant = sent(&fake, &service).await;
    let twice = json!({ "token": grant["token"] });
    let results = to(&service, "complete", json!({ "uploads": [twice, twice] }))
        .await
        .json();
    assert_eq!(results["results"][0], results["results"][1]);
}

#[tokio::test]
async fn an_object_that_shows_a_little_later_is_waited_for() {
    let fake = FakeStore::default();
    let service = mount(&fake, policy());
    let grant = sent(&fake, &service).await;
    fake.hide_objects(4);
    fake.fail("complete", Failure::DoneBut(404, "NoSuchUpload"));
    assert_done(&complete(&service, &grant).await, &grant);
    fake.hide_objects(5);
    let refused = complete(&service, &grant).await;
    assert_eq!(refused["error"]["code"], "upload_gone", "but not for ever");
}

#[tokio::test]
async fn the_checksum_of_the_whole_is_sent_where_it_is_asked_for() {
    let fake = FakeStore::default();
    let service = mount(&fake, policy().full_object_checksum(Crc::Crc64Nvme));
    let grant = sent(&fake, &service).await;
    for checksum in [
        Value::Null,
        json!(""),
        json!("AAAAAA=="),
        json!("not base64"),
    ] {
        let upload = json!({ "token": grant["token"], "checksum": checksum });
        let refused = complete_with(&service, upload).await;
        assert_eq!(refused["error"]["code"], "invalid_request", "{checksum}");
        assert!(
            refused["error"]["message"]
                .as_str()
                .unwrap()
                .contains("crc64nvme")
        );
    }
    let checksum = "rosUhgp5mIg=";
    let upload = json!({ "token": grant["token"], "checksum": checksum });
    assert_done(&complete_with(&service, upload).await, &grant);
    assert_eq!(
        fake.headers("complete")["x-amz-checksum-crc64nvme"],
        checksum
    );

    let fake = FakeStore::default();
    let service = mount(&fake, policy());
    let grant = sent(&fake, &service).await;
    let upload = json!({ "token": grant["token"], "checksum": checksum });
    let refused = complete_with(&service, upload).await;
    assert_eq!(
        refused["error"]["code"], "invalid_request",
        "nobody would compare it"
    );
}

#[tokio::test]
async fn what_is_there_is_told_after_a_reload() {
    let fake = FakeStore::default();
    let service = mount(&fake, policy());
    let grant = ask(service.clone(), json!({ "name": "a", "size": SIZE })).await;
    let token = json!({ "token": grant["token"] });
    send(&fake, &grant, [3]);
    fake.put_unsigned("upload-1", 1, 7);
    let reply = to(&service, "resume", token.clone()).await;
    let resumed = reply.json();
    assert_eq!(reply.status, 200, "{resumed}");
    assert_eq!(resumed["key"], grant["key"]);
    assert_eq!(
        (&resumed["size"], &resumed["partSize"]),
        (&json!(SIZE), &json!(5 * MIB))
    );
    assert_eq!(resumed["partCount"], 3);
    assert_eq!(resumed["checksums"], grant["checksums"]);
    let parts = resumed["parts"].as_array().unwrap();
    assert_eq!(parts.len(), 1, "one of another size is none");
    assert_eq!(
        (&parts[0]["number"], &parts[0]["size"]),
        (&json!(3), &json!(2 * MIB))
    );
    assert_eq!(parts[0]["etag"].as_str().unwrap().len(), 32);

    send(&fake, &grant, 1..=3);
    fake.fail("complete", Failure::Lost);
    complete(&service, &grant).await;
    let resumed = to(&service, "resume", token.clone()).await.json();
    let parts = resumed["parts"].as_array().unwrap();
    assert_eq!(parts.len(), 3, "nothing is left to send: {resumed}");
    assert_done(&complete(&service, &grant).await, &grant);

    fake.fail("list", Failure::Refused(503, "SlowDown"));
    problem(&to(&service, "resume", token).await, 502, "store_failed");
}

#[tokio::test]
async fn an_upload_that_is_given_up_leaves_nothing() {
    let fake = FakeStore::default();
    let service = mount(&fake, policy());
    let grant = sent(&fake, &service).await;
    let token = json!({ "token": grant["token"] });
    for _ in 0..2 {
        let reply = to(&service, "abort", token.clone()).await;
        assert_eq!((reply.status.as_u16(), reply.text()), (204, ""));
        assert_eq!(fake.uploads(), 0);
    }
    problem(
        &to(&service, "resume", token.clone()).await,
        410,
        "upload_gone",
    );
    let refused = complete(&service, &grant).await;
    assert_eq!(refused["error"]["code"], "upload_gone");

    fake.fail("abort", Failure::Refused(500, "InternalError"));
    problem(&to(&service, "abort", token).await, 502, "store_failed");
}

#[tokio::test]
async fn bodies_that_are_wrong_say_what_is_expected() {
    let service = mount(&FakeStore::default(), policy());
    for (endpoint, body, says) in [
        ("parts", json!({ "token": "a" }), "missing field `from`"),
        ("parts", json!({ "token": "a", "from": -1 }), "`from`: "),
        ("resume", json!({}), "missing field `token`"),
        ("abort", json!([]), "expected an object with `token`"),
        (
            "complete",
            json!({ "uploads": [{}] }),
            "`uploads[0]`: missing field `token`",
        ),
    ] {
        let refused = problem(&to(&service, endpoint, body).await, 400, "invalid_json");
        let detail = refused["detail"].as_str().unwrap();
        assert!(
            detail.contains(says) && detail.contains("Expected `{"),
            "{detail}"
        );
    }
}
