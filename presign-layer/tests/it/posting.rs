//! Forms: when a file goes as one, and what its policy holds it to.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use presign_layer::{
    Capabilities, Credentials, Disposition, Encryption, KeyStrategy, Permit, Policy, PostLength,
    PresignService, Store,
};
use serde_json::{Value, json};

use crate::fake::FakeStore;
use crate::sigv4::post_signature;
use crate::support::{
    ACCESS_KEY_ID, NOW, SECRET, ask, at, get, get_json, png, post, public, store_of,
};

const MIB: u64 = 1 << 20;

fn forms() -> Policy {
    Policy::new().post_below(MIB)
}

fn fields(grant: &Value) -> BTreeMap<String, String> {
    let fields = grant.get("fields").unwrap_or_else(|| panic!("{grant}"));
    serde_json::from_value(fields.clone()).unwrap()
}

/// The policy, after a look at its signature and at its fields: each has its one value in it.
fn policy_of(grant: &Value, bucket: &str, secret: &str) -> Value {
    let fields = fields(grant);
    assert_eq!(
        fields["x-amz-signature"],
        post_signature(&fields["policy"], &fields["x-amz-credential"], secret)
    );
    let policy = STANDARD.decode(&fields["policy"]).unwrap();
    let policy: Value = serde_json::from_slice(&policy).unwrap();
    let mut conditions = policy["conditions"].as_array().unwrap().clone();
    let mut stands = |condition: Value| {
        let at = conditions.iter().position(|found| *found == condition);
        conditions.remove(at.unwrap_or_else(|| panic!("no {condition} in {policy}")));
    };
    for (name, value) in &fields {
        if name != "policy" && name != "x-amz-signature" {
            stands(json!(["eq", format!("${name}"), value]));
        }
    }
    stands(json!(["eq", "$bucket", bucket]));
    assert_eq!(conditions.len(), 1, "{policy}");
    assert_eq!(conditions[0][0], "content-length-range", "{policy}");
    json!({
        "ends": policy["expiration"],
        "least": conditions[0][1],
        "most": conditions[0][2],
    })
}

#[tokio::test]
async fn small_files_go_as_a_form_where_the_policy_says_so() {
    let file = |size: u64| json!({ "name": "a.bin", "size": size, "type": "" });
    for (policy, size, method) in [
        (Policy::new(), 0, "put"),
        (forms(), 0, "post"),
        (forms(), MIB - 1, "post"),
        (forms(), MIB, "put"),
        (forms().multipart_threshold(100), 99, "post"),
        (forms().multipart_threshold(100), 100, "multipart"),
        (Policy::new().post_below(u64::MAX), 32 * MIB - 1, "post"),
        (Policy::new().post_below(u64::MAX), 32 * MIB, "multipart"),
        (
            Policy::new().post_below(u64::MAX).single_put_only(),
            5 << 30,
            "post",
        ),
    ] {
        let grant = ask(public(policy), file(size)).await;
        assert_eq!(grant["method"], method, "{size}: {grant}");
    }
    let refused = ask(public(forms().max_size(10)), file(11)).await;
    assert_eq!(refused["error"]["code"], "file_too_large");
}

#[tokio::test]
async fn limits_say_how_small() {
    let limits = async |policy| {
        get(public(policy), "/presignedUrl/limits")
            .await
            .json()
            .get("postBelow")
            .cloned()
    };
    assert_eq!(limits(Policy::new()).await, None);
    assert_eq!(limits(forms()).await, Some(json!(MIB)));
    let threshold = Policy::new().post_below(u64::MAX);
    assert_eq!(limits(threshold).await, Some(json!(32 * MIB)));
    assert_eq!(limits(forms().post_below(0)).await, None);
}

#[tokio::test]
async fn the_guides_get_is_a_put() {
    let free = || forms().allow_overwrite();
    let grant = get_json(public(free()), "/presignedUrl?name=a&size=1&type=").await;
    assert_eq!(grant.json()["method"], "put");
    let url = get(public(free()), "/presignedUrl?name=a").await;
    assert!(url.text().starts_with("https://s3.test/uploads/"));
}

#[tokio::test]
async fn everything_that_is_granted_is_in_the_policy() {
    let policy = forms()
        .expires_in(Duration::from_secs(90))
        .cache_control("private, max-age=60")
        .disposition(Disposition::Attachment)
        .storage_class("STANDARD_IA")
        .encryption(Encryption::Kms {
            key_id: Some("alias/a".to_owned()),
        })
        .metadata("source", "日本")
        .allow_metadata(["title"]);
    let file = json!({
        "name": "é \"&\\.png", "size": 10, "type": "image/png", "metadata": { "title": "[\"eq\"]" },
    });
    let grant = ask(public(policy), file).await;

    let key = "013ed3d5-bc00-7707-8707-070707070707/é \"&_.png";
    assert_eq!(
        (&grant["url"], &grant["key"]),
        (&json!("https://s3.test/uploads"), &json!(key))
    );
    assert_eq!(grant["expiresIn"], 90);
    assert_eq!(grant["checksums"], json!({ "md5AtComplete": true }));
    let policy = policy_of(&grant, "uploads", SECRET);
    assert_eq!(
        policy,
        json!({ "ends": "2013-05-24T00:01:30.000Z", "least": 10, "most": 10 })
    );
    let mut fields = fields(&grant);
    fields.remove("policy");
    fields.remove("x-amz-signature");
    let expected = [
        ("Cache-Control", "private, max-age=60"),
        (
            "Content-Disposition",
            "attachment; filename=\"___&_.png\"; filename*=UTF-8''%C3%A9%20%22&_.png",
        ),
        ("Content-Type", "image/png"),
        ("key", key),
        ("success_action_status", "201"),
        ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
        (
            "x-amz-credential",
            &format!("{ACCESS_KEY_ID}/20130524/us-east-1/s3/aws4_request"),
        ),
        ("x-amz-date", "20130524T000000Z"),
        (
            "x-amz-meta-presign-upload",
            "013ed3d5-bc00-7707-8707-070707070707",
        ),
        ("x-amz-meta-source", "=?UTF-8?B?5pel5pys?="),
        ("x-amz-meta-title", "[\"eq\"]"),
        ("x-amz-server-side-encryption", "aws:kms"),
        ("x-amz-server-side-encryption-aws-kms-key-id", "alias/a"),
        ("x-amz-storage-class", "STANDARD_IA"),
    ];
    let expected: BTreeMap<String, String> = expected
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    assert_eq!(fields, expected);
}

#[tokio::test]
async fn a_ranged_form_takes_what_is_smaller() {
    let ranged = || forms().post_length(PostLength::Ranged);
    for (policy, least) in [(ranged(), 0), (ranged().min_size(5), 5)] {
        let grant = ask(public(policy), png(10)).await;
        let policy = policy_of(&grant, "uploads", SECRET);
        assert_eq!(
            (&policy["least"], &policy["most"]),
            (&json!(least), &json!(10))
        );
    }
}

/// A mount of files that are called as their users call them.
fn named(permit: Permit) -> PresignService {
    at(store_of(&FakeStore::default()))
        .policy(forms().allow_overwrite().key(KeyStrategy::FileName))
        .authorize(move |_| std::future::ready(Ok(permit.clone())))
        .build_service()
        .unwrap()
}

#[tokio::test]
async fn where_a_permit_forbids_overwriting_a_key_that_others_may_have_is_put() {
    assert_eq!(ask(named(Permit::new()), png(1)).await["method"], "post");
    let grant = ask(named(Permit::new().forbid_overwrite()), png(1)).await;
    assert_eq!(grant["method"], "put");
    assert_eq!(grant["headers"]["if-none-match"], "*");
}

#[tokio::test]
async fn a_variable_of_forms_is_never_in_one() {
    for name in [
        "${filename}",
        "a/${filename}.png",
        "$${filename}}",
        "5 $.png",
        "$key",
    ] {
        let file = json!({ "name": name, "size": 1, "type": "" });
        let grant = ask(named(Permit::new()), file).await;
        assert_eq!(
            (&grant["method"], &grant["key"]),
            (&json!("put"), &json!(name))
        );
    }
    let policy = forms().allow_metadata(["title"]);
    let file =
        json!({ "name": "a", "size": 1, "type": "", "metadata": { "title": "${filename}" } });
    assert_eq!(ask(public(policy), file).await["method"], "put");
}

#[tokio::test]
async fn a_form_goes_to_the_bucket_as_browsers_reach_it() {
    let builder = |endpoint: &str| {
        Store::builder("http://minio:9000", "uploads")
            .public_endpoint(endpoint)
            .region("eu-central-1")
            .credentials(Credentials::new("id", SECRET))
            .capabilities(Capabilities::minio())
    };
    for (store, url) in [
        (
            builder("https://files.example.com"),
            "https://files.example.com/uploads",
        ),
        (
            builder("https://example.com/s3/"),
            "https://example.com/s3/uploads",
        ),
        (
            builder("https://files.example.com").virtual_host(),
            "https://uploads.files.example.com/",
        ),
    ] {
        let mount = at(store.build().unwrap()).policy(forms().single_put_only());
        let grant = ask(mount.public().build_service().unwrap(), png(1)).await;
        assert_eq!(grant["url"], url);
        assert!(
            fields(&grant)["x-amz-credential"].contains("/eu-central-1/s3/"),
            "{grant}"
        );
        policy_of(&grant, "uploads", SECRET);
    }
}

#[tokio::test]
async fn temporary_keys_sign_their_token_and_bound_the_expiry() {
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
    let service = move |seconds| {
        let store =
            Store::builder("https://s3.test", "uploads").credentials_provider(move || async move {
                let end = now + Duration::from_secs(seconds);
                let credentials =
                    Credentials::new("ASIA", "temporary").with_session_token("to/ken+=");
                Ok::<_, std::convert::Infallible>(credentials.with_expiry(end))
            });
        let mount = at(store.build().unwrap()).policy(forms().single_put_only());
        let mount = mount.token_keys([[1; 32]]);
        mount.public().build_service().unwrap()
    };
    let grant = ask(service(100), png(1)).await;
    assert_eq!(grant["expiresIn"], 100);
    assert_eq!(fields(&grant)["x-amz-security-token"], "to/ken+=");
    let policy = policy_of(&grant, "uploads", "temporary");
    assert_eq!(policy["ends"], "2013-05-24T00:01:40.000Z");

    let body = json!({ "files": [png(1)] }).to_string();
    let reply = post(service(0), body).await;
    assert_eq!(reply.json()["code"], "credentials_unavailable");
}

#[tokio::test]
async fn a_forms_debug_does_not_show_what_it_is_signed_with() {
    let body = json!({ "files": [png(1)] }).to_string();
    let reply = post(public(forms()), body).await;
    let signature = fields(&reply.json()["grants"][0])["x-amz-signature"].clone();
    let response: presign_layer::protocol::GrantResponse =
        serde_json::from_slice(&reply.body).unwrap();
    let shown = format!("{response:?}");
    assert!(
        shown.contains("PostGrant") && !shown.contains(&signature),
        "{shown}"
    );
}
