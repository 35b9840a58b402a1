//! What every answer must keep to.

use memchr::memmem;
use presign_layer::protocol::{ErrorCode, FileError, Problem};

use crate::ask::Reply;
use crate::env::{SECRET, TOKEN_KEY};

/// All that these endpoints ever answer with.
const STATUSES: [u16; 15] = [
    200, 204, 302, 400, 401, 403, 404, 405, 408, 409, 410, 413, 415, 502, 503,
];

/// A stranger's text is repeated in an error only in part.
const MAX_DETAIL: usize = 2000;

/// Whether the store is to be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// It does as S3 does, so nothing but the request is to blame.
    Honest,
    /// It may say anything.
    Any,
}

/// Checks an answer to a request whose own bytes are `input`; `head` tells that the request was a HEAD.
pub(crate) fn judge(reply: &Reply, trust: Trust, head: bool, input: &[u8]) {
    let status = reply.status.as_u16();
    assert!(
        STATUSES.contains(&status),
        "{status}: {}",
        reply.body.escape_ascii()
    );
    let at_fault = trust == Trust::Honest && status >= 500;
    assert!(!at_fault, "{}", reply.body.escape_ascii());
    tells_no_secret(reply, input);
    if status == 204 {
        assert!(reply.body.is_empty(), "204 has no body");
        return;
    }
    assert_eq!(reply.header("cache-control"), "no-store");
    assert_eq!(reply.header("x-content-type-options"), "nosniff");
    let length: usize = reply.header("content-length").parse().expect("a length");
    if head {
        assert!(reply.body.is_empty(), "HEAD has no body");
        return;
    }
    assert_eq!(length, reply.body.len());
    if status < 400 {
        return;
    }
    assert_eq!(reply.header("content-type"), "application/problem+json");
    let problem: Problem = reply.json();
    assert_eq!(problem.status, status);
    assert_eq!(problem.code.status(), status, "{problem:?}");
    assert_eq!(problem.title, problem.code.title());
    told(problem.code, &problem.detail);
}

/// Checks the refusal of one file or upload.
pub(crate) fn judge_error(error: &FileError) {
    told(error.code, &error.message);
}

fn told(code: ErrorCode, words: &str) {
    assert_ne!(code, ErrorCode::Internal, "{words}");
    assert!(
        !words.is_empty() && words.len() <= MAX_DETAIL,
        "{code}: {words}"
    );
}

/// Where the request itself has the secret, its answer may repeat it.
fn tells_no_secret(reply: &Reply, input: &[u8]) {
    let failed = reply.status.is_client_error() || reply.status.is_server_error();
    let of_failures: &[&str] = if failed {
        &["X-Amz-Signature", "X-Amz-Credential"]
    } else {
        &[]
    };
    for secret in [SECRET, TOKEN_KEY].iter().chain(of_failures) {
        if has(input, secret) {
            continue;
        }
        assert!(!has(&reply.body, secret), "{}", reply.body.escape_ascii());
        for value in reply.headers.values() {
            assert!(!has(value.as_bytes(), secret), "{value:?}");
        }
    }
}

/// Whether `text` is in `bytes`. Compared in a way that the fuzzer does not watch: it would learn the secrets.
pub(crate) fn has(bytes: &[u8], text: &str) -> bool {
    memmem::find(bytes, text.as_bytes()).is_some()
}
