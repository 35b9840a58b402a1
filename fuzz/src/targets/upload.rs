use presign_layer::protocol::{
    CompleteAnswer, CompleteResponse, ErrorCode, PartsResponse, Problem, ResumeResponse,
};
use serde_json::Value;

use crate::ask::{Reply, post};
use crate::env::{ORDINARY, PART, THRESHOLD};
use crate::grants::judge_key;
use crate::judge::{Trust, judge, judge_error};
use crate::store::cut;
use crate::tokens::MULTIPART;

/// What stands for a real token in an input.
const TOKEN: &str = "@TOKEN@";

/// The bodies of the endpoints of an upload that has begun. The first line names the endpoint; in the body, `@TOKEN@` is a real token.
pub fn upload(input: &[u8]) {
    let Some((path, body)) = cut(input, b"\n") else {
        return;
    };
    let Ok(body) = std::str::from_utf8(body) else {
        return;
    };
    let body = body.replace(TOKEN, &MULTIPART);
    let path = match path {
        b"parts" => "/parts",
        b"resume" => "/resume",
        b"complete" => "/complete",
        b"abort" => "/abort",
        _ => return,
    };
    let reply = post(&ORDINARY, path, body.clone());
    judge(&reply, Trust::Honest, false, body.as_bytes());
    let asked: Value = serde_json::from_str(&body).unwrap_or_default();
    if reply.status.is_client_error() {
        no_token(&reply, path, &asked);
        return;
    }
    match path {
        "/parts" => {
            is_real(&asked["token"]);
            let answer: PartsResponse = reply.json();
            let from = asked["from"].as_u64().expect("what was read has it");
            assert!(
                (1..=2).contains(&from) && answer.parts.len() as u64 <= 3 - from,
                "{asked}"
            );
        }
        "/resume" => {
            is_real(&asked["token"]);
            let answer: ResumeResponse = reply.json();
            judge_key(&answer.key);
            assert_eq!(
                (answer.size, answer.part_size, answer.part_count),
                (THRESHOLD + (1 << 20), PART, 2)
            );
            assert_eq!(answer.parts.len(), 2);
        }
        "/complete" => complete(&reply, &asked),
        _ => is_real(&asked["token"]),
    }
}

fn complete(reply: &Reply, asked: &Value) {
    let uploads = asked["uploads"].as_array().expect("what was read has them");
    let answer: CompleteResponse = reply.json();
    assert_eq!(answer.results.len(), uploads.len());
    for (upload, result) in uploads.iter().zip(&answer.results) {
        match result {
            CompleteAnswer::Completed(completed) => {
                is_real(&upload["token"]);
                judge_key(&completed.key);
                assert_eq!(completed.size, THRESHOLD + (1 << 20));
            }
            CompleteAnswer::Refused { error } => {
                judge_error(error);
                let real = upload["token"] == MULTIPART.as_str();
                assert_eq!(error.code != ErrorCode::TokenInvalid, real, "{error:?}");
            }
        }
    }
}

/// Nothing is done for a token that was not made here.
fn is_real(token: &Value) {
    assert_eq!(token, MULTIPART.as_str());
}

/// A real token is never called a false one.
fn no_token(reply: &Reply, path: &str, asked: &Value) {
    let problem: Problem = reply.json();
    if path != "/complete" && problem.code == ErrorCode::TokenInvalid {
        assert_ne!(asked["token"], MULTIPART.as_str());
    }
}
