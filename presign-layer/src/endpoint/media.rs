//! Media types of requests and answers.

use std::str::FromStr;

use headers_accept::Accept;
use http::HeaderMap;
use http::header::{ACCEPT, CONTENT_TYPE};
use mediatype::MediaType;
use mediatype::names::{APPLICATION, JSON, PLAIN, TEXT};
use presign_protocol::{ErrorCode, Problem};

use crate::problem::{excerpt, problem};

const TEXT_PLAIN: MediaType<'static> = MediaType::new(TEXT, PLAIN);
const APPLICATION_JSON: MediaType<'static> = MediaType::new(APPLICATION, JSON);

/// `POST P` takes JSON alone: another site's form cannot send that without the browser asking first.
pub(crate) fn require_json(headers: &HeaderMap) -> Result<(), Problem> {
    let given = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    let is_json = given
        .and_then(|value| MediaType::parse(value).ok())
        .is_some_and(|media_type| media_type.essence() == APPLICATION_JSON);
    if is_json {
        return Ok(());
    }
    let detail = match given {
        Some(given) => {
            format!(
                "The body's content type is `{}`; expected `application/json`.",
                excerpt(given)
            )
        }
        None => "The body has no content type; expected `application/json`.".to_owned(),
    };
    Err(problem(ErrorCode::UnsupportedMediaType, detail))
}

/// Whether `Accept` prefers JSON to the guide's plain text. An `Accept` that cannot be read, or that takes neither, gets the text.
pub(crate) fn prefers_json(headers: &HeaderMap) -> bool {
    let lines: Vec<&str> = headers
        .get_all(ACCEPT)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    Accept::from_str(&lines.join(",")).is_ok_and(|accept| {
        accept.negotiate(&[TEXT_PLAIN, APPLICATION_JSON]) == Some(&APPLICATION_JSON)
    })
}

#[cfg(test)]
mod tests {
    use http::header::{ACCEPT, CONTENT_TYPE};
    use http::{HeaderMap, HeaderValue};

    use super::{prefers_json, require_json};

    fn accepting(value: &'static str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static(value));
        prefers_json(&headers)
    }

    #[test]
    fn json_is_answered_only_where_it_is_preferred() {
        assert!(accepting("application/json"));
        assert!(accepting("application/json, text/plain;q=0.5"));
        assert!(accepting("text/plain;q=0.2, application/*"));
        assert!(!accepting("*/*"));
        assert!(!accepting("text/html, */*;q=0.1"));
        assert!(!accepting("application/json;q=0.1, text/plain"));
        assert!(!accepting("image/png"));
        assert!(!accepting("nonsense"));
        assert!(!prefers_json(&HeaderMap::new()));
    }

    #[test]
    fn only_json_is_read() {
        let check = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(value));
            require_json(&headers).is_ok()
        };
        assert!(check("application/json"));
        assert!(check("Application/JSON; charset=utf-8"));
        assert!(!check("text/plain"));
        assert!(!check("application/x-www-form-urlencoded"));
        assert!(!check("application/jsonx"));
        assert!(require_json(&HeaderMap::new()).is_err());
    }
}
