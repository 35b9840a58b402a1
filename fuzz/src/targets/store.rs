use presign_layer::protocol::{
    CompleteAnswer, CompleteResponse, CompletedUpload, Grant, GrantAnswer, GrantResponse,
    ResumeResponse,
};
use serde_json::json;

use crate::ask::post;
use crate::env::{self, LEAST, PART, PENDING};
use crate::judge::{Trust, has, judge, judge_error};
use crate::receipts::judge_completed;
use crate::store::{Scripted, cut, split};
use crate::tokens::{FORM, LARGE, MULTIPART, PENDING_LARGE, PENDING_PUT, PUT, SMALL, mark};

/// What stands for the mark of the upload that is asked for.
const MARK: &[u8] = b"@MARK@";

/// The MD5 that is told of the form's file, in base64 and in hexadecimal digits.
const MD5: (&str, &str) = (
    "1B2M2Y8AsgTpgAmY7PhCfg==",
    "d41d8cd98f00b204e9800998ecf8427e",
);

/// What the store says. The first line is what it is asked for, the rest a script of answers (see [`Scripted::reading`]), with `@MARK@` for the upload's own mark. Whatever it says, what a client is told holds
/// together, and nothing arrived that the store did not tell of.
pub fn store(input: &[u8]) {
    let Some((asked, script)) = cut(input, b"\n") else {
        return;
    };
    let script = split(script, MARK).join(mark().as_bytes());
    let policy = match asked {
        b"content" => env::policy().check_content(),
        _ => env::policy(),
    };
    // Large files are copied by parts, and so is all where nothing may be replaced and the store cannot tell.
    let copied = [&b"copy"[..], b"copy-parts"].contains(&asked);
    let service = if copied {
        let store = env::bucket(Scripted::reading(&script)).copy_at_most(PART);
        let built = env::mount(store, policy.pending_prefix(PENDING)).build_service();
        built.expect("the mount is right")
    } else {
        env::service(Scripted::reading(&script), policy)
    };
    let token = || json!({ "token": *MULTIPART }).to_string();
    let small = [&b"put"[..], b"post", b"content", b"copy"].contains(&asked);
    let size = if small { SMALL } else { LARGE };
    let (path, body) = match asked {
        b"create" => (
            "",
            json!({ "files": [{ "name": "a.bin", "size": size }] }).to_string(),
        ),
        b"resume" => ("/resume", token()),
        b"put" | b"content" => (
            "/complete",
            json!({ "uploads": [{ "token": *PUT }] }).to_string(),
        ),
        b"post" => (
            "/complete",
            json!({ "uploads": [{ "token": *FORM, "contentMd5": MD5.0 }] }).to_string(),
        ),
        b"copy" => (
            "/complete",
            json!({ "uploads": [{ "token": *PENDING_PUT }] }).to_string(),
        ),
        b"copy-parts" => (
            "/complete",
            json!({ "uploads": [{ "token": *PENDING_LARGE }] }).to_string(),
        ),
        b"complete" => (
            "/complete",
            json!({ "uploads": [{ "token": *MULTIPART }] }).to_string(),
        ),
        b"abort" => ("/abort", token()),
        _ => return,
    };
    let reply = post(&service, path, body);
    judge(&reply, Trust::Any, false, input);
    if reply.status != 200 {
        return;
    }
    match asked {
        b"create" => match &reply.json::<GrantResponse>().grants[..] {
            [GrantAnswer::Granted(Grant::Multipart(grant))] => assert_eq!(grant.part_count, 2),
            [GrantAnswer::Refused { error }] => judge_error(error),
            other => panic!("{other:?}"),
        },
        b"resume" => {
            let answer: ResumeResponse = reply.json();
            for part in &answer.parts {
                let expected = if part.number == 1 { PART } else { size - PART };
                assert_eq!(part.size, expected, "{answer:?}");
            }
            let numbers: Vec<u32> = answer.parts.iter().map(|part| part.number).collect();
            assert!(matches!(numbers[..], [] | [1 | 2] | [1, 2]), "{answer:?}");
        }
        _ => match &reply.json::<CompleteResponse>().results[..] {
            [CompleteAnswer::Completed(completed)] => {
                judge_completed(&service, completed);
                arrived(completed, asked, size);
                assert!(has(&script, &completed.size.to_string()), "as it told");
                assert!(has(&script, mark()), "the store told whose it is");
            }
            [CompleteAnswer::Refused { error }] => judge_error(error),
            other => panic!("{other:?}"),
        },
    }
}

/// What arrived is what was granted.
fn arrived(completed: &CompletedUpload, asked: &[u8], size: u64) {
    let is_form = asked == b"post";
    let least = if is_form { LEAST } else { size };
    assert!((least..=size).contains(&completed.size), "{completed:?}");
    // Stores may spell it anew.
    let content_type = completed.content_type.to_ascii_lowercase();
    assert_eq!(content_type.trim_end_matches([' ', ';']), "a/b");
    let etag = completed.etag.to_ascii_lowercase();
    let is_md5 = etag.len() == 32 && etag.bytes().all(|byte| byte.is_ascii_hexdigit());
    assert!(!is_form || !is_md5 || etag == MD5.1, "{etag}");
}
