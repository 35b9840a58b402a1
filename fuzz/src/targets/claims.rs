use presign_layer::protocol::{ErrorCode, Problem, ResumeResponse};
use serde_json::{Value, json};

use crate::ask::{post, whole};
use crate::env::{BUCKET, MOUNT, NOW, ORDINARY};
use crate::grants::judge_key;
use crate::judge::{Trust, judge};
use crate::sealed::TOKEN;
use crate::tokens::CLAIMS;

/// What an authentic token says: the input, and the input's fields in place of a real token's. Even with the key in the wrong hands no key leaves the bucket, and
/// nothing is taken that is of another mount, another bucket or the past.
pub fn claims(input: &[u8]) {
    try_one(input);
    if let Ok(Value::Object(fields)) = serde_json::from_slice(input) {
        let mut claims = CLAIMS.clone();
        claims
            .as_object_mut()
            .expect("claims are an object")
            .extend(fields);
        try_one(claims.to_string().as_bytes());
    }
}

fn try_one(claims: &[u8]) {
    let token = TOKEN.seal(claims);
    let body = |more: Value| {
        let mut body = json!({ "token": token });
        body.as_object_mut()
            .expect("an object")
            .extend(more.as_object().cloned().unwrap_or_default());
        body.to_string()
    };
    for (path, body) in [
        ("/parts", body(json!({ "from": 1, "count": 1 }))),
        ("/resume", body(json!({}))),
        (
            "/complete",
            json!({ "uploads": [{ "token": token }] }).to_string(),
        ),
        ("/abort", body(json!({}))),
    ] {
        let reply = post(&ORDINARY, path, body);
        judge(&reply, Trust::Honest, false, claims);
        if path == "/complete" {
            continue;
        }
        if reply.status.is_client_error() {
            // A token that was sealed with the key is never taken for one that was changed on its way, unless it says nothing.
            let problem: Problem = reply.json();
            assert_ne!(problem.code, ErrorCode::TokenOutdated);
            continue;
        }
        // The values in a list are read as well.
        let Ok(said @ Value::Object(_)) = serde_json::from_slice(claims) else {
            continue;
        };
        assert_eq!((&said["m"], &said["b"]), (&json!(MOUNT), &json!(BUCKET)));
        assert!(whole(&said["e"]) > NOW);
        if path == "/resume" {
            let answer: ResumeResponse = reply.json();
            judge_key(&answer.key);
            assert!((1..=10_000).contains(&answer.part_count), "{answer:?}");
        }
    }
}
