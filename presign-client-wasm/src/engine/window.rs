//! One request for the presigned URLs of further parts.

use alloc::rc::Rc;

use super::State;
use super::file::File;
use super::multipart::Multipart;
use crate::endpoint::{fresh_until, incomplete};
use crate::sys::request;
use crate::sys::value::{get, get_string, items};

/// Asks until the URLs of the parts from `from` on are there; without them the file fails.
pub(super) async fn ask(state: Rc<State>, file: Rc<File>, upload: Rc<Multipart>, from: u32) {
    let token = get_string(&upload.grant, "token").unwrap_or_default();
    let ask = || request::parts(&state.endpoint.0, &token, from);
    let answer = state.persist(&file, &ask).await;
    upload.asked.set(false);
    let failed = match answer {
        Ok(answer) => match fresh_until(&answer) {
            Some(fresh_until) => {
                let urls = items(&get(&answer, "parts"));
                return upload
                    .parts
                    .with(|parts| parts.sign(from, urls, fresh_until));
            }
            None => incomplete(),
        },
        Err(error) => error,
    };
    if file.is_at(&upload) {
        state.fail(&file, failed);
    }
}
