//! The query of `GET P/download?key=…&name=…&disposition=…`.

use presign_protocol::{ErrorCode, Problem};

use crate::endpoint::query::{decode, refuse};
use crate::key::{ObjectKey, sanitize};
use crate::policy::Disposition;
use crate::problem::{excerpt, problem};

/// What is asked for.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) key: ObjectKey,
    /// What it is to be saved as: one harmless segment.
    pub(super) name: String,
    pub(super) disposition: Disposition,
}

/// Reads the query. Parameters that it does not know are left to the application.
pub(super) fn read(query: Option<&str>) -> Result<Asked, Problem> {
    let (mut key, mut name, mut disposition) = (None, None, None);
    for piece in query.unwrap_or_default().split('&') {
        let (parameter, value) = piece.split_once('=').unwrap_or((piece, ""));
        let parameter = decode(parameter)?;
        let place = match parameter.as_str() {
            "key" => &mut key,
            "name" => &mut name,
            "disposition" => &mut disposition,
            _ => continue,
        };
        if place.replace(decode(value)?).is_some() {
            return Err(refuse(format!(
                "The query has `{parameter}` twice; expected it once."
            )));
        }
    }
    let Some(key) = key else {
        return Err(refuse(
            "The query has no `key`; expected the object's key, as in `?key=photos/a.png`.",
        ));
    };
    let key = ObjectKey::new(key).map_err(|error| {
        problem(
            ErrorCode::InvalidKey,
            format!("No object has this key: {error}."),
        )
    })?;
    let last = key.as_str().rsplit('/').next().unwrap_or_default();
    let name = name.filter(|name| !name.trim().is_empty());
    Ok(Asked {
        name: sanitize(name.as_deref().unwrap_or(last)),
        disposition: parse_disposition(disposition.as_deref())?,
        key,
    })
}

fn parse_disposition(given: Option<&str>) -> Result<Disposition, Problem> {
    match given {
        None | Some("attachment") => Ok(Disposition::Attachment),
        Some("inline") => Ok(Disposition::Inline),
        Some(other) => Err(refuse(format!(
            "`disposition` is `{}`; expected `attachment` or `inline`.",
            excerpt(other)
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::policy::Disposition;

    #[test]
    fn key_name_and_disposition_are_read() {
        let asked = read(Some("key=a%2Fb+c/%E6%97%A5.png&_=1")).unwrap();
        assert_eq!(asked.key.as_str(), "a/b c/日.png");
        assert_eq!(asked.name, "日.png");
        assert_eq!(asked.disposition, Disposition::Attachment);
        let asked = read(Some("disposition=inline&name=my%20..%2Fcat&key=a")).unwrap();
        assert_eq!(asked.name, "my .._cat");
        assert_eq!(asked.disposition, Disposition::Inline);
        for nothing in ["key=a/b&name=", "key=a/b&name", "key=a/b&name=%20"] {
            assert_eq!(read(Some(nothing)).unwrap().name, "b", "{nothing}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (query, says) in [
            (None, "no `key`"),
            (Some(""), "no `key`"),
            (Some("name=a"), "no `key`"),
            (Some("Key=a"), "no `key`"),
            (Some("key=a&key=a"), "`key` twice"),
            (Some("key=a&%6Bey=b"), "`key` twice"),
            (Some("key=a&name=b&name=c"), "`name` twice"),
            (Some("key=a&disposition=Inline"), "`attachment` or `inline`"),
            (Some("key=a&disposition"), "`attachment` or `inline`"),
            (Some("key=%ff"), "not UTF-8"),
            (Some("key="), "No object has this key"),
            (Some("key"), "No object has this key"),
            (Some("key=/a"), "No object has this key"),
            (Some("key=a/../b"), "No object has this key"),
            (Some("key=a/%2e%2e/b"), "No object has this key"),
            (Some("key=a%0D%0Ab"), "No object has this key"),
        ] {
            let problem = read(query).unwrap_err();
            assert!(
                problem.detail.contains(says),
                "{query:?}: {}",
                problem.detail
            );
            assert_eq!(problem.status, 400, "{query:?}");
        }
    }
}
