//! `POST P/abort`: an upload is given up, and the store keeps none of its parts, nor what is pending of it.

use std::sync::Arc;

use presign_protocol::TokenRequest;

use super::reading::Read;
use super::signer::now;
use super::upload::Sent;
use super::{TOKEN_EXPECTED, json, quota, store_error, upload};
use crate::answer::{self, Answer};
use crate::authorize::Action;
use crate::observe::Step;
use crate::problem::Refused;
use crate::store::CallError;

pub(super) async fn answer(read: Read) -> Answer {
    let step = Step::new(Action::Abort);
    match step.to_its_end(abort(&step, read)).await {
        Ok(()) => answer::done(),
        Err(refused) => answer::problem(&refused.into_problem()),
    }
}

async fn abort(step: &Step, read: Read) -> Result<(), Refused> {
    let core = &read.core;
    let request: TokenRequest = json::parse(&read.body, TOKEN_EXPECTED)?;
    let parts = Arc::new(read.parts);
    let upload = upload::continued(core, &parts, &request.token, step).await?;
    // What is just being completed arrives first: its room is not given back, and then taken all the same.
    let _alone = core.completing.alone(&upload.claims.mark).await;
    let key = &upload.key;
    let refuse = |error| store_error::refuse("give an upload up", key, &error);
    if let Sent::InParts(in_parts) = &upload.sent {
        let aborted = core
            .store
            .abort_multipart_upload(now(core)?, key, &in_parts.upload_id)
            .await;
        match aborted {
            // Gone is gone, whoever did it.
            Ok(()) | Err(CallError::NoSuchUpload) => {}
            Err(error) => return Err(refuse(error).into()),
        }
    }
    // What is complete stays; it may be in use.
    if upload.final_key.is_some() {
        let deleted = core.store.delete_object(now(core)?, key).await;
        deleted.map_err(refuse)?;
    }
    Ok(quota::given_up(core, &upload).await?)
}
