//! What every form must keep to: its signed policy names each of its fields with its one value, and nothing else may come with them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use presign_layer::protocol::PostGrant;
use serde_json::{Value, json};

use crate::env::{BUCKET, LEAST, SECRET};
use crate::grants::judge_key;
use crate::sigv4::post_signature;
use crate::tokens::said;

/// What begins what a store puts another text in place of, or holds against the policy: where it is, no form is granted.
pub(crate) const VARIABLE: char = '$';

/// The fields that these mounts can have, besides metadata. `acl`, `success_action_redirect` and whatever else a form can ask a store for are not
/// among them.
const FIELDS: [&str; 10] = [
    "Cache-Control",
    "Content-Disposition",
    "Content-Type",
    "key",
    "policy",
    "success_action_status",
    "x-amz-algorithm",
    "x-amz-credential",
    "x-amz-date",
    "x-amz-signature",
];

/// Checks a form for a file of `size` bytes.
pub(crate) fn judge_form(grant: &PostGrant, size: u64) {
    judge_key(&grant.key);
    assert_eq!(grant.url, format!("https://s3.test/{BUCKET}"));
    for (name, value) in &grant.fields {
        let known = FIELDS.contains(&name.as_str()) || name.starts_with("x-amz-meta-");
        assert!(known, "{name}");
        assert!(!value.contains(VARIABLE), "{name}: {value:?}");
        assert!(
            name == "key" || HeaderValue::from_str(value).is_ok(),
            "{name}: {value:?}"
        );
    }
    let field = |name: &str| grant.fields[name].as_str();
    assert_eq!(field("key"), grant.key);
    assert_eq!(field("success_action_status"), "201");
    let expected = post_signature(field("policy"), field("x-amz-credential"), SECRET);
    assert_eq!(field("x-amz-signature"), expected);
    let policy = STANDARD.decode(field("policy")).expect("base64");
    let policy: Value = serde_json::from_slice(&policy).expect("JSON");
    let least = judge_policy(grant, &policy, size);
    // The token knows the same bounds, so that nothing else is taken for this upload's object.
    let token = said(grant.token.as_deref().expect("what arrives is verified"));
    assert_eq!(token["w"], json!({ "f": { "l": least } }));
    assert_eq!(
        field("x-amz-meta-presign-upload"),
        token["i"].as_str().expect("a mark")
    );
}

/// Gives the fewest bytes that the form takes.
fn judge_policy(grant: &PostGrant, policy: &Value, size: u64) -> u64 {
    let mut conditions = policy["conditions"].as_array().expect("a list").clone();
    let mut stands = |condition: &Value| {
        let at = conditions.iter().position(|found| found == condition);
        conditions.swap_remove(at.unwrap_or_else(|| panic!("no {condition} in {policy}")));
    };
    for (name, value) in &grant.fields {
        if name != "policy" && name != "x-amz-signature" {
            stands(&json!(["eq", format!("${name}"), value]));
        }
    }
    stands(&json!(["eq", "$bucket", BUCKET]));
    let [length] = conditions.as_slice() else {
        panic!("{policy} allows more than the form has");
    };
    let least = length[1].as_u64().expect("a number");
    assert_eq!(*length, json!(["content-length-range", least, size]));
    assert!(least == size || least == LEAST, "{length}");
    assert_eq!(grant.expires_in, 900);
    assert_eq!(policy["expiration"], "2013-05-24T00:15:00.000Z");
    least
}
