use presign_layer::protocol::{ErrorCode, Problem};
use serde_json::json;

use crate::ask::post;
use crate::env::ORDINARY;
use crate::judge::{Trust, judge};
use crate::tokens::MULTIPART;

/// A token that is not one: the input as it is, and a real token that the input changes, three bytes for each change (what to do, where, what with). None but the real
/// one is taken.
pub fn token(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    try_one(&text);
    try_one(&changed(MULTIPART.as_bytes(), input));
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

fn changed(token: &[u8], changes: &[u8]) -> String {
    let mut token = token.to_vec();
    for change in changes.chunks_exact(3) {
        let place = usize::from(change[1]) * 2 % token.len().max(1);
        match change[0] % 5 {
            0 if !token.is_empty() => token[place] = change[2],
            1 if !token.is_empty() => token[place] ^= change[2],
            2 => token.insert(place, change[2]),
            3 if !token.is_empty() => drop(token.remove(place)),
            _ => token.truncate(place),
        }
    }
    String::from_utf8_lossy(&token).into_owned()
}
