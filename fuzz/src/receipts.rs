//! Real receipts, and what must hold of every one that is given out.

use std::sync::LazyLock;

use presign_layer::PresignService;
use presign_layer::protocol::{CompleteAnswer, CompleteResponse, CompletedUpload};
use serde_json::json;

use crate::ask::post;
use crate::env::ORDINARY;
use crate::grants::judge_key;
use crate::sealed;
use crate::tokens::{PUT, mark};

/// The receipt of a real upload at [`ORDINARY`].
pub(crate) static RECEIPT: LazyLock<String> = LazyLock::new(|| {
    let body = json!({ "uploads": [{ "token": *PUT }] }).to_string();
    let answer: CompleteResponse = post(&ORDINARY, "/complete", body).json();
    match answer.results.into_iter().next() {
        Some(CompleteAnswer::Completed(completed)) => sealed::RECEIPT.checked(completed.receipt),
        other => panic!("{other:?}"),
    }
});

/// Checks what is told of an upload that is complete: its receipt is good at once, and says the same.
pub(crate) fn judge_completed(service: &PresignService, completed: &CompletedUpload) {
    judge_key(&completed.key);
    assert!(!completed.etag.is_empty() && !completed.etag.contains('"'));
    let receipt = service
        .receipts()
        .verify(&completed.receipt)
        .expect("the receipt is good");
    assert_eq!(receipt.id(), mark());
    assert_eq!(receipt.key(), completed.key);
    assert_eq!(receipt.size(), completed.size);
    assert_eq!(receipt.content_type(), completed.content_type);
    assert_eq!(receipt.etag(), completed.etag);
    assert_eq!(receipt.checksum(), completed.checksum.as_ref());
}
