//! `GET P/openapi.json`: what the endpoints are.

use crate::answer::{self, Answer};
use crate::core::Core;
use crate::openapi::About;

pub(super) fn answer(core: &Core) -> Answer {
    answer::json_text(core.openapi.of(About {
        max_files: core.rules.max_files,
        downloads: core.downloads,
    }))
}
