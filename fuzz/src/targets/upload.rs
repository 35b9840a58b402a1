use presign_layer::protocol::{
    CompleteAnswer, CompleteResponse, ErrorCode, PartsResponse, Problem, ResumeResponse,
};
use serde_json::Value;

use crate::ask::{Reply, post, whole};
use crate::env::{ORDINARY, PART};
use crate::grants::judge_key;
use crate::judge::{Trust, judge, judge_error};
use crate::receipts::judge_completed;
use crate::store::cut;
use crate::tokens::{FORM, LARGE, MULTIPART, PUT, SMALL};

/// The bodies of the endpoints of an upload that has begun. The first line names the endpoint; in the body, `@TOKEN@` is a real token of an upload in parts and `@PUT@`
/// one of a PUT, `@FORM@` one of a form. The store has all files whole.
pub fn upload(input: &[u8]) {
    let Some((path, body)) = cut(input, b"\n") else {
        return;
    };
    let Ok(body) = std::str::from_utf8(body) else {
        return;
    };
    let body = body
        .replace("@TOKEN@", &MULTIPART)
        .replace("@PUT@", &PUT)
        .replace("@FORM@", &FORM);
    let path = match path {
        b"parts" => "/parts",
        b"resume" => "/resume",
        b"complete" => "/complete",
        b"abort" => "/abort",
        _ => return,
    };
    let reply = post(&ORDINARY, path, body.clone());
    judge(&reply, Trust::Honest, false, body.as_bytes());
    let Ok(asked) = serde_json::from_str::<Value>(&body) else {
        return;
    };
    if reply.status.is_client_error() {
        refused(&reply, &asked["token"]);
        return;
    }
    match path {
        "/parts" => {
            assert_eq!(asked["token"], MULTIPART.as_str());
            let answer: PartsResponse = reply.json();
            let from = whole(&asked["from"]);
            assert!((1..=2).contains(&from), "{asked}");
            assert!(
                (1..=3 - from).contains(&(answer.parts.len() as u64)),
                "{asked}"
            );
        }
        "/resume" => {
            assert_eq!(asked["token"], MULTIPART.as_str());
            let answer: ResumeResponse = reply.json();
            judge_key(&answer.key);
            let plan = (answer.size, answer.part_size, answer.part_count);
            assert_eq!(plan, (LARGE, PART, 2));
            assert_eq!(answer.parts.len(), 2);
        }
        "/complete" => complete(&reply, &asked),
        _ => assert!(size_of(&asked["token"]).is_some(), "{asked}"),
    }
}

fn complete(reply: &Reply, asked: &Value) {
    let uploads = asked["uploads"].as_array().expect("what was read has them");
    let answer: CompleteResponse = reply.json();
    assert_eq!(answer.results.len(), uploads.len());
    for (place, (upload, result)) in uploads.iter().zip(&answer.results).enumerate() {
        let size = size_of(&upload["token"]);
        let mut before = uploads[..place].iter();
        let was_there = before.any(|earlier| earlier["token"] == upload["token"]);
        match result {
            CompleteAnswer::Completed(completed) => {
                judge_completed(&ORDINARY, completed);
                assert_eq!(Some(completed.size), size);
            }
            CompleteAnswer::Refused { error } => {
                judge_error(error);
                // Whatever is there twice, with two checksums, is not looked at the second time.
                let is_other_twin = was_there && error.code == ErrorCode::InvalidRequest;
                let false_one = error.code == ErrorCode::TokenInvalid;
                assert!(is_other_twin || false_one == size.is_none(), "{error:?}");
            }
        }
    }
}

/// A real token is never called a false one.
fn refused(reply: &Reply, token: &Value) {
    let problem: Problem = reply.json();
    let false_one = problem.code == ErrorCode::TokenInvalid;
    assert!(!false_one || *token != MULTIPART.as_str(), "{problem:?}");
}

/// The bytes of the file that a token is for, if it was made here: nothing is done for any other.
fn size_of(token: &Value) -> Option<u64> {
    let is = |real: &str| token == real;
    match () {
        () if is(&MULTIPART) => Some(LARGE),
        () if is(&PUT) || is(&FORM) => Some(SMALL),
        () => None,
    }
}
