use presign_layer::protocol::{ErrorCode, Problem};
use serde_json::json;

use crate::ask::post;
use crate::env::ORDINARY;
use crate::judge::{Trust, judge};
use crate::receipts::RECEIPT;
use crate::sealed::changed;
use crate::tokens::MULTIPART;

/// A token that is not one: the input as it is, and a real token and a real receipt that the input changes. None but the real token is taken.
pub fn token(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    try_one(&text);
    try_one(&changed(MULTIPART.as_bytes(), input));
    try_one(&changed(RECEIPT.as_bytes(), input));
}

fn try_one(token: &str) {
    let reply = post(
        &ORDINARY,
        "/parts",
        json!({ "token": token, "from": 1 }).to_string(),
    );
    judge(&reply, Trust::Honest, false, token.as_bytes());
    if token == MULTIPART.as_str() {
        assert_eq!(reply.status, 200);
        return;
    }
    assert_eq!(
        reply.json::<Problem>().code,
        ErrorCode::TokenInvalid,
        "{token}"
    );
}
