//! `POST P/parts`: presigned URLs of further parts.

use std::sync::Arc;

use presign_protocol::{ErrorCode, PartsRequest, PartsResponse};

use super::reading::Read;
use super::signer::Signer;
use super::{json, upload};
use crate::answer::{self, Answer};
use crate::authorize::Action;
use crate::observe::Step;
use crate::problem::{Refused, file_error};

const EXPECTED: &str = r#"{"token":"…","from":101}"#;

pub(super) async fn answer(read: Read) -> Answer {
    let step = Step::new(Action::Parts);
    let done = step.to_its_end(window(&step, read)).await;
    answer::json_or_problem(done.map_err(Refused::into_problem))
}

async fn window(step: &Step, read: Read) -> Result<PartsResponse, Refused> {
    let core = &read.core;
    let request: PartsRequest = json::parse(&read.body, EXPECTED)?;
    let parts = Arc::new(read.parts);
    let upload = upload::continued(core, &parts, &request.token, step).await?;
    let in_parts = upload.in_parts()?;
    if in_parts.plan.bytes_of(request.from).is_none() {
        return Err(file_error(
            ErrorCode::InvalidPart,
            format!(
                "`from` is {}; the upload has the parts 1 to {}.",
                request.from,
                in_parts.plan.count()
            ),
        )
        .into());
    }
    if request.count == Some(0) {
        return Err(file_error(
            ErrorCode::InvalidRequest,
            "`count` is 0; expected at least 1, or nothing for as many as the server signs at once.",
        )
        .into());
    }
    let signer = Signer::new(core).await?;
    let window = signer.parts(
        &upload.key,
        &in_parts.upload_id,
        in_parts.plan,
        request.from,
        request.count.unwrap_or(u32::MAX),
        upload.permitted.expires_in,
    )?;
    Ok(PartsResponse {
        parts: window.urls,
        expires_in: window.expires_in,
    })
}
