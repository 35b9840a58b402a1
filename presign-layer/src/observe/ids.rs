//! What a request is known by in the application's own logs and traces.

use http::{HeaderMap, HeaderName, HeaderValue};
use presign_protocol::{Extensions, FileError, Problem};

use super::measure;
use crate::answer::{self, Answer};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// Bytes that a request's ID may have: a UUID has 36, those of clouds up to a hundred.
const MAX_REQUEST_ID: usize = 128;

/// The request's `x-request-id` and `traceparent`, where they are what they should be: strangers can send them too, and they get into logs.
/// Of anything else nothing is carried on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ids {
    pub(super) request_id: Option<String>,
    pub(super) traceparent: Option<String>,
}

impl Ids {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        Self {
            request_id: only(headers, &REQUEST_ID)
                .filter(|id| is_request_id(id))
                .map(ToOwned::to_owned),
            traceparent: only(headers, &TRACEPARENT).and_then(traceparent),
        }
    }

    /// The refusal of one file as it is told, with what its request is known by.
    pub(crate) fn on_file(&self, mut error: FileError) -> FileError {
        measure::refused(error.code);
        self.extend(&mut error.extensions);
        error
    }

    /// A problem that is told by another way than an answer of these endpoints.
    #[cfg(feature = "axum")]
    pub(crate) fn on_problem(&self, problem: &mut Problem) {
        self.extend(&mut problem.extensions);
    }

    /// An answer that leaves, and the problem that it is: with the IDs in the problem, and the request's own one among the headers.
    pub(crate) fn on_answer(&self, mut answer: Answer) -> (Answer, Option<Problem>) {
        let mut problem = answer::taken_problem(&mut answer);
        if let Some(problem) = problem.as_mut().filter(|_| *self != Self::default()) {
            self.extend(&mut problem.extensions);
            answer = answer::restated(answer, problem);
        }
        let id = self.request_id.as_deref().map(HeaderValue::from_str);
        if let Some(Ok(id)) = id {
            answer.headers_mut().insert(REQUEST_ID, id);
        }
        (answer, problem)
    }

    fn extend(&self, extensions: &mut Extensions) {
        extensions.request_id.clone_from(&self.request_id);
        extensions.traceparent.clone_from(&self.traceparent);
    }
}

/// Of two that contradict each other neither counts.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}

/// UUIDs, hexadecimal, base64, and what clouds make, such as `Root=1-67891233-abcdef012345678912345678`. Nothing that could end a line or
/// mean something where a log is shown.
fn is_request_id(id: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~:/+=@".contains(&byte);
    (1..=MAX_REQUEST_ID).contains(&id.len()) && id.bytes().all(plain)
}

/// The header as its version 00 has it. Of a later version only what that one knows is carried on, as the specification asks.
///
/// Source: <https://www.w3.org/TR/trace-context/#versioning-of-traceparent>
fn traceparent(value: &str) -> Option<String> {
    let (version, rest) = value.split_once('-')?;
    let (known, more) = rest.split_at_checked(52)?;
    let of_later = version != "00" && more.starts_with('-');
    if !is_hex(version, 2) || version == "ff" || !(more.is_empty() || of_later) {
        return None;
    }
    let mut fields = known.split('-');
    let (trace, parent, flags) = (fields.next()?, fields.next()?, fields.next()?);
    let is_id = |id: &str, length| is_hex(id, length) && id.bytes().any(|byte| byte != b'0');
    let is_known = is_id(trace, 32) && is_id(parent, 16) && is_hex(flags, 2);
    (is_known && fields.next().is_none()).then(|| format!("00-{known}"))
}

/// In lower case, as the specification demands it.
fn is_hex(text: &str, length: usize) -> bool {
    let hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    text.len() == length && text.bytes().all(hex)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderName, HeaderValue};

    use super::{Ids, traceparent};

    const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

    fn ids(headers: &[(&'static str, &[u8])]) -> Ids {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let value = HeaderValue::from_bytes(value).unwrap();
            map.append(HeaderName::from_static(name), value);
        }
        Ids::of(&map)
    }

    #[test]
    fn ids_of_every_maker_are_carried_and_nothing_else() {
        let longest = "a".repeat(128);
        for id in [
            "0",
            "0198c1f2-7b1e-7000-8000-0123456789ab",
            "Root=1-67891233-abcdef012345678912345678",
            "rzHNVbf+SDCk/Q==",
            longest.as_str(),
        ] {
            let carried = ids(&[("x-request-id", id.as_bytes())]).request_id;
            assert_eq!(carried.as_deref(), Some(id));
        }
        let too_long = "a".repeat(129);
        for id in [
            "",
            "two words",
            "tab\there",
            "<b>",
            "\"",
            "a,b",
            "?X-Amz-Signature",
            "ü",
            too_long.as_str(),
        ] {
            let carried = ids(&[("x-request-id", id.as_bytes())]);
            assert_eq!(carried, Ids::default(), "{id}");
        }
        let twice = ids(&[("x-request-id", b"1"), ("x-request-id", b"2")]);
        assert_eq!(twice, Ids::default());
        assert_eq!(ids(&[("x-request-id", b"\xff")]), Ids::default());
    }

    #[test]
    fn a_traceparent_is_one() {
        let carried = ids(&[("traceparent", TRACEPARENT.as_bytes())]).traceparent;
        assert_eq!(carried.as_deref(), Some(TRACEPARENT));
        let later = format!("cc-{}-what-the-future-will-be-like", &TRACEPARENT[3..]);
        assert_eq!(traceparent(&later).as_deref(), Some(TRACEPARENT));
        for wrong in [
            "",
            "00",
            "00-",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "0-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
            "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01more",
            "00-4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e473-600f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba90-b7-01",
            "00-üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü",
        ] {
            assert_eq!(traceparent(wrong), None, "{wrong}");
        }
    }
}
