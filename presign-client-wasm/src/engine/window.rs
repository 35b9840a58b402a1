//! One request for the presigned URLs of further parts.

use alloc::rc::Rc;

use super::State;
use super::file::File;
use super::multipart::Multipart;
use crate::endpoint::fresh_until;
use crate::sys::request;
use crate::sys::value::{get, items};

/// Asks until the URLs of the parts from `from` on are there; without them the file fails.
pub(super) async fn ask(state: Rc<State>, file: Rc<File>, upload: Rc<Multipart>, from: u32) {
    let ask = || request::parts(&state.endpoint.0, &upload.grant.0, from.cast_signed());
    let answer = state.persist(&file, &ask).await;
    upload.asked.set(false);
    match answer {
        Ok(answer) => upload.parts.with(|parts| {
            parts.sign(from, items(&get(&answer, "parts")), fresh_until(&answer));
        }),
        Err(error) => {
            if file.is_at(&upload) {
                state.fail(&file, error);
            }
        }
    }
}
