use http::HeaderMap;
use http::header::CONTENT_TYPE;
use mediatype::MediaType;
use mediatype::names::x_::WWW_FORM_URLENCODED;
use mediatype::names::{APPLICATION, FORM_DATA, JSON, MULTIPART};
use presign_protocol::{ErrorCode, Problem};

use crate::problem::{excerpt, problem};

/// How the fields are written.
pub(super) enum Media {
    Json,
    Form,
}

impl Media {
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let given = headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok());
        let media_type = given.and_then(|value| MediaType::parse(value).ok());
        let is = |ty, subty| {
            media_type
                .as_ref()
                .is_some_and(|given| given.essence() == MediaType::new(ty, subty))
        };
        if is(APPLICATION, JSON) {
            return Ok(Self::Json);
        }
        if is(APPLICATION, WWW_FORM_URLENCODED) {
            return Ok(Self::Form);
        }
        let mut detail = match given {
            Some(given) => format!("The body's content type is `{}`", excerpt(given)),
            None => "The body has no content type".to_owned(),
        };
        detail.push_str("; expected `application/json` or `application/x-www-form-urlencoded`");
        // What `fetch` makes of a form, unless told otherwise.
        if is(MULTIPART, FORM_DATA) {
            detail.push_str(
                ", as a page sends it with `body: new URLSearchParams(new FormData(form))`",
            );
        }
        detail.push('.');
        Err(problem(ErrorCode::UnsupportedMediaType, detail))
    }
}
