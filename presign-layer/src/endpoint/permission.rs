//! The application's word on one file, in the protocol's words.

use presign_protocol::{ErrorCode, Problem};

use crate::authorize::{Ask, Permit, Reason, Refusal};
use crate::core::Core;
use crate::problem::{Refused, file_error, internal, problem};

/// A file that the hook forbids is refused in its place; anything else concerns the whole request.
pub(super) async fn ask(core: &Core, ask: Ask) -> Result<Permit, Refused> {
    core.authorizer
        .decide(&core.hooks, ask)
        .await
        .map_err(Problem::from)?
        .map_err(|Refusal(reason)| match reason {
            Reason::Forbidden(message) => file_error(ErrorCode::Forbidden, message).into(),
            Reason::Unauthenticated(message) => problem(ErrorCode::Unauthenticated, message).into(),
            Reason::Failed(error) => internal(&error).into(),
        })
}
