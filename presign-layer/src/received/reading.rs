use axum_core::extract::rejection::{BytesRejection, FailedToBufferBody};
use axum_core::extract::{FromRequest, Request};
use bytes::Bytes;
use presign_protocol::{ErrorCode, Problem};
use serde::de::{DeserializeOwned, Deserializer};
use serde_path_to_error::Track;

use super::fields::{Fields, Given};
use super::media::Media;
use crate::problem::{excerpt, problem};

/// A body that has been read.
pub(super) struct Read<T> {
    pub(super) given: Given,
    pub(super) form: T,
}

/// Reads a body of either kind, up to Axum's limit.
pub(super) async fn read<T: DeserializeOwned>(request: Request) -> Result<Read<T>, Problem> {
    let media = Media::of(request.headers())?;
    let body = Bytes::from_request(request, &())
        .await
        .map_err(|error| unread(&error))?;
    match media {
        Media::Json => json(&body),
        Media::Form => form(&body),
    }
}

fn json<T: DeserializeOwned>(body: &[u8]) -> Result<Read<T>, Problem> {
    let code = ErrorCode::InvalidJson;
    // serde_json does not look at the bytes of strings that nobody reads.
    let body = std::str::from_utf8(body)
        .map_err(|error| problem(code, format!("The body is not UTF-8, as JSON is: {error}.")))?;
    let mut json = serde_json::Deserializer::from_str(body);
    let read = fields(&mut json, code)?;
    json.end().map_err(|error| {
        let detail = format!("After the end of the object: {error}.");
        problem(code, detail)
    })?;
    Ok(read)
}

fn form<T: DeserializeOwned>(body: &[u8]) -> Result<Read<T>, Problem> {
    let form = serde_html_form::Deserializer::from_bytes(body);
    fields(form, ErrorCode::InvalidRequest)
}

/// What does not fit is told with its place.
fn fields<'de, T, D>(body: D, code: ErrorCode) -> Result<Read<T>, Problem>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    let mut given = Given::default();
    let mut track = Track::new();
    let body = serde_path_to_error::Deserializer::new(body, &mut track);
    match T::deserialize(Fields::new(body, &mut given)) {
        Ok(form) => Ok(Read { given, form }),
        Err(error) => {
            let error = error.to_string();
            let error = excerpt(&error);
            let path = track.path().to_string();
            Err(problem(
                code,
                if path == "." {
                    format!("{error}.")
                } else {
                    format!("`{}`: {error}.", excerpt(&path))
                },
            ))
        }
    }
}

fn unread(error: &BytesRejection) -> Problem {
    match error {
        BytesRejection::FailedToBufferBody(FailedToBufferBody::LengthLimitError(_)) => problem(
            ErrorCode::BodyTooLarge,
            "The body of this request is longer than the server takes. Files themselves go to the store, not here.",
        ),
        _ => problem(
            ErrorCode::BodyUnreadable,
            "The request's body broke off before its end.",
        ),
    }
}
