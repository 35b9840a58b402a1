//! `POST P/abort`: an upload is given up, and the store keeps none of its parts.

use std::sync::Arc;

use presign_protocol::TokenRequest;

use super::reading::Read;
use super::signer::now;
use super::upload::Sent;
use super::{TOKEN_EXPECTED, json, store_error, upload};
use crate::answer::{self, Answer};
use crate::authorize::Action;
use crate::problem::Refused;
use crate::store::CallError;

pub(super) async fn answer(read: Read) -> Answer {
    match abort(read).await {
        Ok(()) => answer::done(),
        Err(refused) => answer::problem(&refused.into_problem()),
    }
}

async fn abort(read: Read) -> Result<(), Refused> {
    let core = &read.core;
    let request: TokenRequest = json::parse(&read.body, TOKEN_EXPECTED)?;
    let parts = Arc::new(read.parts);
    let upload = upload::continued(core, &parts, &request.token, Action::Abort).await?;
    let Sent::InParts(in_parts) = &upload.sent else {
        // The store knows of it only once it is there.
        return Ok(());
    };
    let aborted = core
        .store
        .abort_multipart_upload(now(core)?, &upload.key, &in_parts.upload_id)
        .await;
    match aborted {
        // Gone is gone, whoever did it.
        Ok(()) | Err(CallError::NoSuchUpload) => Ok(()),
        Err(error) => Err(store_error::refuse("give an upload up", &upload.key, &error).into()),
    }
}
