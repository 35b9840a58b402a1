//! The bodies of requests.

use presign_protocol::{ErrorCode, Extensions, Problem};
use serde::de::DeserializeOwned;

use crate::problem::{excerpt, problem};

/// Reads a body; `expected` is an example of one.
pub(super) fn parse<T: DeserializeOwned>(body: &[u8], expected: &str) -> Result<T, Problem> {
    let invalid = |detail: String| {
        problem(
            ErrorCode::InvalidJson,
            format!("{detail} Expected `{expected}`."),
        )
    };
    let mut json = serde_json::Deserializer::from_slice(body);
    let request = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        let place = if path == "." {
            String::new()
        } else {
            format!("`{}`: ", excerpt(&path))
        };
        invalid(format!("{place}{}.", excerpt(&error.inner().to_string())))
    })?;
    json.end()
        .map_err(|error| invalid(format!("After the end of the object: {error}.")))?;
    // Of strings that nobody reads, the bytes have not been looked at.
    std::str::from_utf8(body)
        .map_err(|error| invalid(format!("The body is not UTF-8, as JSON is: {error}.")))?;
    Ok(request)
}

/// A batch has at least one item and at most `max`; `field` is the list's name, `item` that of one.
pub(super) fn check_count(
    count: usize,
    max: usize,
    field: &str,
    item: &str,
) -> Result<(), Problem> {
    if count == 0 {
        return Err(problem(
            ErrorCode::NoFiles,
            format!("`{field}` is empty; expected at least one {item}."),
        ));
    }
    if count > max {
        let mut extensions = Extensions::default();
        extensions.max_files = Some(max);
        return Err(Problem {
            extensions,
            ..problem(
                ErrorCode::TooManyFiles,
                format!("`{field}` has {count} {item}s; one request may ask for at most {max}."),
            )
        });
    }
    Ok(())
}
