//! `POST P`: a batch of files, each granted or refused in its place.

use http::request::Parts;
use presign_protocol::{
    ErrorCode, Extensions, FileSpec, Grant, GrantAnswer, GrantRequest, GrantResponse, Problem,
};

use super::reading::Read;
use super::sign;
use crate::answer::{self, Answer};
use crate::authorize::FileAsked;
use crate::core::Core;
use crate::problem::{excerpt, problem};

pub(crate) async fn answer(read: Read) -> Answer {
    match grants(&read.core, read.parts, &read.body).await {
        Ok(response) => answer::json(&response),
        Err(problem) => answer::problem(&problem),
    }
}

async fn grants(core: &Core, parts: Parts, body: &[u8]) -> Result<GrantResponse, Problem> {
    let request = parse(body)?;
    check_count(request.files.len(), core.rules.max_files)?;
    let files = request.files.into_iter().map(asked).collect();
    let grants = sign::sign(core, parts, files).await?;
    Ok(GrantResponse {
        grants: grants
            .into_iter()
            .map(|grant| match grant {
                Ok(grant) => GrantAnswer::Granted(Grant::Put(grant)),
                Err(error) => GrantAnswer::Refused { error },
            })
            .collect(),
    })
}

fn parse(body: &[u8]) -> Result<GrantRequest, Problem> {
    let mut json = serde_json::Deserializer::from_slice(body);
    let request = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let place = if path == "." {
            String::new()
        } else {
            format!("`{}`: ", excerpt(&path))
        };
        invalid_json(format!("{place}{}.", excerpt(&error.inner().to_string())))
    })?;
    json.end()
        .map_err(|error| invalid_json(format!("After the end of the object: {error}.")))?;
    Ok(request)
}

fn invalid_json(detail: String) -> Problem {
    problem(
        ErrorCode::InvalidJson,
        detail
            + " Expected `{\"files\":[{\"name\":\"a.png\",\"size\":123,\"type\":\"image/png\"}]}`.",
    )
}

fn check_count(count: usize, max: usize) -> Result<(), Problem> {
    if count == 0 {
        return Err(problem(
            ErrorCode::NoFiles,
            "`files` is empty; expected at least one file.",
        ));
    }
    if count > max {
        let mut extensions = Extensions::default();
        extensions.max_files = Some(max);
        return Err(Problem {
            extensions,
            ..problem(
                ErrorCode::TooManyFiles,
                format!("`files` has {count} files; one request may ask for at most {max}."),
            )
        });
    }
    Ok(())
}

fn asked(file: FileSpec) -> FileAsked {
    FileAsked {
        name: file.name,
        size: Some(file.size),
        content_type: Some(file.content_type),
        metadata: file.metadata.0,
    }
}
