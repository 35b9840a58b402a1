//! What the application says of an object that is there.

use std::sync::Arc;

use http::request::Parts;
use presign_protocol::{ErrorCode, FileError, Problem};
use serde_json::Value;

use crate::authorize::{Reason, Refusal};
use crate::completed::Completed;
use crate::core::Core;
use crate::endpoint::upload::Upload;
use crate::problem::{Refused, file_error, internal, problem};
use crate::receipt::{Receipt, ReceiptClaims};

/// Its words for the client, if it has any. Where it fails, others of the batch have arrived all the same, so all but a missing sign-in is said
/// in this upload's place.
pub(super) async fn told(
    core: &Core,
    parts: &Arc<Parts>,
    upload: &Upload,
    receipt: ReceiptClaims,
) -> Result<Option<Value>, Refused> {
    let Some(hook) = &core.on_complete else {
        return Ok(None);
    };
    let completed = Completed {
        parts: Arc::clone(parts),
        receipt: Receipt::of(receipt),
        subject: upload.subject.clone(),
        name: upload.claims.name.clone(),
    };
    let said = hook
        .tell(&core.hooks, completed)
        .await
        .map_err(FileError::from)?;
    match said {
        Ok(Value::Null) => Ok(None),
        Ok(data) => Ok(Some(data)),
        Err(Refusal(reason)) => Err(refused(upload, reason)),
    }
}

fn refused(upload: &Upload, reason: Reason) -> Refused {
    match reason {
        Reason::Forbidden(message) => {
            tracing::debug!(key = %upload.key, "the application refuses a completed upload");
            file_error(ErrorCode::Forbidden, message).into()
        }
        Reason::Unauthenticated(message) => problem(ErrorCode::Unauthenticated, message).into(),
        Reason::Failed(error) => {
            let Problem { code, detail, .. } = internal(&error);
            file_error(code, detail).into()
        }
    }
}
