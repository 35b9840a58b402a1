//! What is in a file: compared with its type where the policy says so, and saved rather than shown where a script could run in it.

use presign_layer::{Disposition, Policy, PresignService};
use serde_json::{Value, json};

use crate::fake::{Failure, FakeStore};
use crate::support::{ask, complete, complete_one, free, get_json, mount, public};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR";
const HTML: &[u8] = b"<script>alert(document.cookie)</script>";

fn checked() -> Policy {
    Policy::new().check_content()
}

/// Asks for a file of this type and these bytes, and sends it.
async fn sent(
    fake: &FakeStore,
    service: &PresignService,
    content_type: &str,
    bytes: &[u8],
) -> Value {
    let file = json!({ "name": "a", "size": bytes.len(), "type": content_type });
    let grant = ask(service.clone(), file).await;
    fake.put(&grant);
    fake.set_bytes(grant["key"].as_str().unwrap(), bytes);
    grant
}

fn refused<'a>(result: &'a Value, code: &str) -> &'a str {
    assert_eq!(result["error"]["code"], code, "{result}");
    result["error"]["message"].as_str().unwrap()
}

#[tokio::test]
async fn a_file_that_is_what_it_was_granted_as_arrives() {
    let fake = FakeStore::default();
    let service = mount(&fake, checked());
    let grant = sent(&fake, &service, "image/png", PNG).await;
    let done = complete_one(&service, &grant).await;
    assert_eq!(done["type"], "image/png", "{done}");
    assert_eq!(fake.calls(), ["head", "get"]);
    let headers = fake.headers("get");
    assert_eq!(headers["range"], format!("bytes=0-{}", PNG.len() - 1));
    assert_eq!(headers["if-match"], format!("{}", json!(done["etag"])));
    assert_eq!(complete_one(&service, &grant).await, done, "asked again");
}

#[tokio::test]
async fn of_a_large_file_eight_kibibytes_are_read() {
    let fake = FakeStore::default();
    let service = mount(&fake, checked());
    let mut bytes = PNG.to_vec();
    bytes.resize(100_000, 0);
    let grant = sent(&fake, &service, "image/png", &bytes).await;
    assert_eq!(complete_one(&service, &grant).await["size"], 100_000);
    assert_eq!(fake.headers("get")["range"], "bytes=0-8191");
}

#[tokio::test]
async fn a_page_that_says_it_is_an_image_is_refused_and_left_at_its_final_key() {
    let fake = FakeStore::default();
    let service = mount(&fake, checked());
    let grant = sent(&fake, &service, "image/png", HTML).await;
    for _ in 0..2 {
        let result = complete_one(&service, &grant).await;
        assert_eq!(
            refused(&result, "content_mismatch"),
            "The file was granted as image/png, and its first bytes are those of text/html."
        );
        assert_eq!(result["receipt"], Value::Null);
    }
    // Whose it is by now is not known for certain, so nothing is deleted.
    assert_eq!(fake.calls(), ["head", "get", "head", "get"]);
    assert_eq!(fake.objects().len(), 1);
}

#[tokio::test]
async fn files_in_parts_are_looked_at_too() {
    let fake = FakeStore::default();
    let policy = checked().multipart_threshold(10).part_size(5 << 20);
    let service = mount(&fake, policy);
    let file = json!({ "name": "a", "size": HTML.len(), "type": "video/mp4" });
    let grant = ask(service.clone(), file).await;
    fake.put_part(grant["parts"][0].as_str().unwrap(), HTML.len() as u64);
    // The store in memory makes the object from the parts' sizes alone.
    fake.fail("get", Failure::Refused(404, "NoSuchKey"));
    let result = complete_one(&service, &grant).await;
    refused(&result, "object_mismatch");
    fake.set_bytes(grant["key"].as_str().unwrap(), HTML);
    let result = complete_one(&service, &grant).await;
    refused(&result, "content_mismatch");
}

#[tokio::test]
async fn one_refusal_leaves_the_other_files_of_a_batch_alone() {
    let fake = FakeStore::default();
    let key =
        presign_layer::KeyStrategy::custom(|naming| naming.ask.file.size.unwrap().to_string());
    let service = mount(&fake, checked().key(key));
    let good = sent(&fake, &service, "image/png", PNG).await;
    let bad = sent(&fake, &service, "image/png", HTML).await;
    let uploads = json!([{ "token": bad["token"] }, { "token": good["token"] }]);
    let results = complete(&service, uploads).await;
    refused(&results[0], "content_mismatch");
    assert_eq!(results[1]["key"], good["key"]);
}

#[tokio::test]
async fn an_empty_file_is_not_read_and_is_no_image() {
    let fake = FakeStore::default();
    let service = mount(&fake, checked());
    let grant = sent(&fake, &service, "text/plain", b"").await;
    assert_eq!(complete_one(&service, &grant).await["size"], 0);
    let grant = sent(&fake, &service, "image/png", b"").await;
    let result = complete_one(&service, &grant).await;
    assert!(refused(&result, "content_mismatch").contains("not those of such a file"));
    assert_eq!(fake.calls(), ["head", "head"]);
}

/// The receipt is for the bytes that were looked at, so another object must not slip in between.
#[tokio::test]
async fn what_is_replaced_while_it_is_looked_at_is_refused() {
    let fake = FakeStore::default();
    let service = mount(&fake, checked());
    let grant = sent(&fake, &service, "image/png", HTML).await;
    fake.swap_when_read(PNG);
    let result = complete_one(&service, &grant).await;
    assert!(refused(&result, "object_mismatch").contains("while it was looked at"));
}

#[tokio::test]
async fn a_store_that_does_not_give_the_bytes_is_a_failure_to_try_again() {
    let fake = FakeStore::default();
    let service = mount(&fake, checked());
    let grant = sent(&fake, &service, "image/png", PNG).await;
    fake.fail("get", Failure::Refused(403, "AccessDenied"));
    let result = complete_one(&service, &grant).await;
    refused(&result, "store_failed");
    let done = complete_one(&service, &grant).await;
    assert_eq!(done["size"], PNG.len(), "{done}");
}

#[tokio::test]
async fn unless_the_policy_says_so_nobody_looks_into_a_file() {
    let fake = FakeStore::default();
    let service = mount(&fake, Policy::new());
    let grant = sent(&fake, &service, "image/png", HTML).await;
    assert_eq!(complete_one(&service, &grant).await["size"], HTML.len());
    assert_eq!(fake.calls(), ["head"]);
}

const ACTIVE: [&str; 6] = [
    "text/html",
    "TEXT/HTML; charset=utf-8",
    "image/svg+xml",
    "application/xhtml+xml",
    "text/xml",
    "text/javascript",
];

async fn disposition(policy: Policy, content_type: &str) -> Option<String> {
    let file = json!({ "name": "a.b", "size": 1, "type": content_type });
    let grant = ask(public(policy), file).await;
    let found = match grant["method"].as_str() {
        Some("post") => &grant["fields"]["Content-Disposition"],
        Some("put") => &grant["headers"]["content-disposition"],
        _ => panic!("{grant}"),
    };
    found.as_str().map(ToOwned::to_owned)
}

#[tokio::test]
async fn what_could_run_in_a_browser_is_saved_unless_the_policy_lets_it() {
    const SAVED: &str = "attachment; filename=\"a.b\"; filename*=UTF-8''a.b";
    let inline = || Policy::new().disposition(Disposition::Inline);
    for content_type in ACTIVE {
        for policy in [Policy::new(), Policy::new().post_below(10), inline()] {
            let found = disposition(policy, content_type).await;
            assert_eq!(found.as_deref(), Some(SAVED), "{content_type}");
        }
        let allowed = Policy::new().allow_active_inline();
        assert_eq!(disposition(allowed, content_type).await, None);
        let shown = disposition(inline().allow_active_inline(), content_type).await;
        assert!(shown.unwrap().starts_with("inline;"), "{content_type}");
        let saved = Policy::new()
            .allow_active_inline()
            .disposition(Disposition::Attachment);
        assert_eq!(
            disposition(saved, content_type).await.as_deref(),
            Some(SAVED)
        );
    }
    // Browsers save what has no type, and show the others without running anything.
    for content_type in ["", "image/png", "application/pdf", "text/plain"] {
        let found = disposition(Policy::new(), content_type).await;
        assert_eq!(found, None, "{content_type}");
    }
}

#[tokio::test]
async fn active_files_in_parts_are_saved_too() {
    let fake = FakeStore::default();
    let service = mount(&fake, Policy::new().multipart_threshold(10));
    let file = json!({ "name": "a.svg", "size": 20, "type": "image/svg+xml" });
    let grant = ask(service, file).await;
    assert_eq!(grant["method"], "multipart", "{grant}");
    let headers = fake.headers("create");
    assert!(headers["content-disposition"].starts_with("attachment; "));
}

#[tokio::test]
async fn the_guides_endpoint_has_an_active_file_saved_where_it_is_told_the_type() {
    let uri = "/presignedUrl?name=a.html&size=5&type=text/html";
    let grant = get_json(public(free()), uri).await.json();
    let found = grant["headers"]["content-disposition"].as_str().unwrap();
    assert!(found.starts_with("attachment; "), "{grant}");
}

/// Browsers take the last of several types in a header, so none may hide behind another.
#[tokio::test]
async fn no_active_type_hides_in_another() {
    for content_type in [
        "image/png,text/html",
        "image/png, text/html",
        "image/png;a=b,text/html",
        "image/png;,text/html",
        "text/html,",
        ";text/html",
        "text/html\t;",
    ] {
        let file = json!({ "name": "a", "size": 1, "type": content_type });
        let answer = ask(public(Policy::new()), file).await;
        let saved = answer["headers"]["content-disposition"].is_string();
        let refused = answer["error"]["code"] == "invalid_type";
        assert!(saved || refused, "{content_type}: {answer}");
    }
}
