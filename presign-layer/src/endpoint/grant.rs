//! `POST P`: a batch of files, each granted or refused in its place.

use http::request::Parts;
use presign_protocol::{FileSpec, GrantAnswer, GrantRequest, GrantResponse, Problem};

use super::reading::Read;
use super::{json, sign};
use crate::answer::{self, Answer};
use crate::authorize::FileAsked;
use crate::core::Core;
use crate::decision::Ways;
use crate::observe::{self, Ids};

const EXPECTED: &str = r#"{"files":[{"name":"a.png","size":123,"type":"image/png"}]}"#;

pub(super) async fn answer(read: Read) -> Answer {
    answer::json_or_problem(grants(&read.core, read.parts, &read.body).await)
}

async fn grants(core: &Core, parts: Parts, body: &[u8]) -> Result<GrantResponse, Problem> {
    let request: GrantRequest = json::parse(body, EXPECTED)?;
    json::check_count(request.files.len(), core.rules.max_files, "files", "file")?;
    let ids = Ids::of(&parts.headers);
    let sizes: Vec<u64> = request.files.iter().map(|file| file.size).collect();
    let files = request.files.into_iter().map(asked).collect();
    let grants = sign::sign(core, parts, files, Ways::Any).await?;
    Ok(GrantResponse {
        grants: grants
            .into_iter()
            .zip(sizes)
            .map(|(grant, size)| match grant {
                Ok(grant) => {
                    observe::granted(&grant, Some(size));
                    GrantAnswer::Granted(grant)
                }
                Err(error) => GrantAnswer::Refused {
                    error: ids.on_file(error),
                },
            })
            .collect(),
    })
}

fn asked(file: FileSpec) -> FileAsked {
    FileAsked {
        name: file.name,
        size: Some(file.size),
        content_type: Some(file.content_type),
        metadata: file.metadata.0,
    }
}
