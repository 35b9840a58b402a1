//! `POST P/complete`: uploads become objects, each in its place.

mod checksum;
mod missing;
mod settle;

use std::sync::Arc;

use futures_util::stream::{self, StreamExt};
use http::request::Parts;
use presign_protocol::{
    CompleteAnswer, CompleteRequest, CompleteResponse, CompletedUpload, Problem, SentUpload,
};

use super::reading::Read;
use super::{AT_ONCE, json, upload};
use crate::answer::{self, Answer};
use crate::authorize::Action;
use crate::core::Core;
use crate::problem::Refused;

const EXPECTED: &str = r#"{"uploads":[{"token":"…"}]}"#;

pub(super) async fn answer(read: Read) -> Answer {
    answer::json_or_problem(results(read).await)
}

async fn results(read: Read) -> Result<CompleteResponse, Problem> {
    let core = &read.core;
    let request: CompleteRequest = json::parse(&read.body, EXPECTED)?;
    json::check_count(
        request.uploads.len(),
        core.rules.max_files,
        "uploads",
        "upload",
    )?;
    let parts = Arc::new(read.parts);
    let completing: Vec<_> = request
        .uploads
        .iter()
        .map(|sent| complete(core, &parts, sent))
        .collect();
    let results: Vec<Result<CompletedUpload, Refused>> =
        stream::iter(completing).buffered(AT_ONCE).collect().await;
    let results = results
        .into_iter()
        .map(|result| {
            Refused::split(result).map(|result| match result {
                Ok(completed) => CompleteAnswer::Completed(completed),
                Err(error) => CompleteAnswer::Refused { error },
            })
        })
        .collect::<Result<_, Problem>>()?;
    Ok(CompleteResponse { results })
}

async fn complete(
    core: &Core,
    parts: &Arc<Parts>,
    sent: &SentUpload,
) -> Result<CompletedUpload, Refused> {
    let upload = upload::continued(core, parts, &sent.token, Action::Complete).await?;
    let checksum = checksum::check(upload.claims.checksums.crc, sent.checksum.as_deref())?;
    let head = settle::settle(core, &upload, checksum).await?;
    tracing::debug!(key = %upload.key, size = head.size, "an upload is complete");
    Ok(CompletedUpload {
        key: upload.key.into_string(),
        size: head.size,
        content_type: upload.claims.content_type,
        etag: head.etag,
        checksum: None,
        receipt: String::new(),
        data: None,
    })
}
