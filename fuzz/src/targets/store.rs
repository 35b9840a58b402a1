use presign_layer::protocol::{
    CompleteAnswer, CompleteResponse, Grant, GrantAnswer, GrantResponse, ResumeResponse,
};
use serde_json::json;

use crate::ask::post;
use crate::env::{self, PART};
use crate::judge::{Trust, has, judge, judge_error};
use crate::store::{Scripted, cut, split};
use crate::tokens::{CLAIMS, LARGE, MULTIPART, PUT, SMALL};

/// What stands for the mark of the upload that is asked for.
const MARK: &[u8] = b"@MARK@";

/// What the store says. The first line is what it is asked for, the rest a script of answers (see [`Scripted::reading`]), with `@MARK@` for the upload's own mark. Whatever it says, what a client is told holds
/// together, and nothing arrived that the store did not tell of.
pub fn store(input: &[u8]) {
    let Some((asked, script)) = cut(input, b"\n") else {
        return;
    };
    let mark = CLAIMS["i"].as_str().expect("a mark");
    let script = split(script, MARK).join(mark.as_bytes());
    let service = env::service(Scripted::reading(&script), env::policy());
    let token = || json!({ "token": *MULTIPART }).to_string();
    let size = if asked == b"put" { SMALL } else { LARGE };
    let (path, body) = match asked {
        b"create" => (
            "",
            json!({ "files": [{ "name": "a.bin", "size": size }] }).to_string(),
        ),
        b"resume" => ("/resume", token()),
        b"put" => (
            "/complete",
            json!({ "uploads": [{ "token": *PUT }] }).to_string(),
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
                assert_eq!(completed.size, size, "what arrived is what was granted");
                assert!(!completed.etag.is_empty() && !completed.etag.contains('"'));
                assert!(has(&script, &size.to_string()), "the store told its size");
                assert!(has(&script, mark), "the store told whose it is");
            }
            [CompleteAnswer::Refused { error }] => judge_error(error),
            other => panic!("{other:?}"),
        },
    }
}
