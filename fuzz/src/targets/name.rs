use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::percent_decode_str;
use presign_layer::ObjectKey;
use presign_layer::protocol::{Grant, GrantAnswer, GrantResponse};
use serde_json::json;

use crate::ask::post;
use crate::env::{GUIDE, LIMITED, NAMED_FORMS};
use crate::forms::VARIABLE;
use crate::grants::{judge_grant, judge_key};
use crate::judge::{Trust, judge, judge_error};

/// A file's name, and the same text as metadata. A name that is made safe is one harmless segment, what is told of it in headers reads back as what it is, and
/// what cannot be a key is refused.
pub fn name(input: &[u8]) {
    let Ok(name) = std::str::from_utf8(input) else {
        return;
    };
    let file =
        json!({ "name": name, "size": 1, "type": "image/png", "metadata": { "title": name } });
    let body = json!({ "files": [file] }).to_string();
    if let Some(Grant::Put(grant)) = granted(&LIMITED, &body, input) {
        let segments: Vec<&str> = grant.key.split('/').collect();
        let [_, _, safe] = segments.as_slice() else {
            panic!("{:?} has more segments than it was given", grant.key);
        };
        judge_segment(safe);
        let disposition = &grant.headers["content-disposition"];
        let (_, told) = disposition
            .split_once("filename*=UTF-8''")
            .expect("its name");
        assert_eq!(percent_decode_str(told).decode_utf8().as_deref(), Ok(*safe));
        assert_eq!(disposition.matches('"').count(), 2, "{disposition}");
        assert_eq!(unencoded(&grant.headers["x-amz-meta-title"]), name);
    }
    // A form is the same in other words, unless a store would put other words in.
    let form = granted(&NAMED_FORMS, &body, input);
    match &form {
        None => {}
        Some(Grant::Post(form)) => {
            assert_eq!(form.key, name);
            assert_eq!(unencoded(&form.fields["x-amz-meta-title"]), name);
        }
        Some(other) => assert!(matches!(other, Grant::Put(_)) && name.contains(VARIABLE)),
    }
    let file = json!({ "name": name, "size": 1 });
    let body = json!({ "files": [file] }).to_string();
    let as_it_is = granted(&GUIDE, &body, input);
    let usable = !name.trim().is_empty() && ObjectKey::new(name).is_ok();
    assert_eq!(as_it_is.is_some(), usable, "{name:?}");
    if let Some(Grant::Put(grant)) = as_it_is {
        assert_eq!(grant.key, name);
    }
}

fn granted(service: &presign_layer::PresignService, body: &str, input: &[u8]) -> Option<Grant> {
    let reply = post(service, "", body.to_owned());
    judge(&reply, Trust::Honest, false, input);
    assert_eq!(reply.status, 200, "{}", reply.body.escape_ascii());
    let answer: GrantResponse = reply.json();
    match answer
        .grants
        .into_iter()
        .next()
        .expect("one file, one answer")
    {
        GrantAnswer::Granted(grant) => {
            judge_grant(service, &grant, Some(1));
            Some(grant)
        }
        GrantAnswer::Refused { error } => {
            judge_error(&error);
            None
        }
    }
}

fn judge_segment(name: &str) {
    judge_key(name);
    assert!(!name.contains(['/', '\\']) && name.len() <= 255, "{name:?}");
    // They turn `gpj.exe` into `exe.jpg` for whoever reads it.
    let turns = |character| matches!(character, '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    assert!(!name.contains(turns), "{name:?}");
}

/// Metadata as RFC 2047 has it, read back.
fn unencoded(value: &str) -> String {
    assert!(
        value.bytes().all(|byte| matches!(byte, b' '..=b'~')),
        "{value:?}"
    );
    if !value.starts_with("=?UTF-8?B?") {
        return value.to_owned();
    }
    let words = value.split(' ').map(|word| {
        let word = word
            .strip_prefix("=?UTF-8?B?")
            .and_then(|word| word.strip_suffix("?="));
        let bytes = STANDARD
            .decode(word.expect("an encoded word"))
            .expect("base64");
        String::from_utf8(bytes).expect("no character is cut in two")
    });
    words.collect()
}
