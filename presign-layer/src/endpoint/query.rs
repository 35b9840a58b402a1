//! The query of `GET P?name=…&size=…&type=…`.

use percent_encoding::percent_decode_str;
use presign_protocol::{ErrorCode, Problem};

use crate::authorize::FileAsked;
use crate::problem::{excerpt, problem};

/// Reads the query. Parameters that it does not know are left to the application.
pub(crate) fn read(query: Option<&str>) -> Result<FileAsked, Problem> {
    let (mut name, mut size, mut content_type) = (None, None, None);
    for (key, value) in pairs(query.unwrap_or_default()) {
        let key = decode(key)?;
        let place = match key.as_str() {
            "name" => &mut name,
            "size" => &mut size,
            "type" => &mut content_type,
            _ => continue,
        };
        if place.replace(decode(&value)?).is_some() {
            return Err(refuse(format!(
                "The query has `{key}` twice; expected it once."
            )));
        }
    }
    let Some(name) = name else {
        return Err(refuse(
            "The query has no `name`; expected the file's name, as in `?name=photo.png`.",
        ));
    };
    Ok(FileAsked {
        name,
        size: size.map(|digits| parse_size(&digits)).transpose()?,
        content_type,
        metadata: Vec::new(),
    })
}

/// The guide's script puts a name into the URL as it is, so `a&b.png` comes as `name=a&b.png`. A piece without `=` that follows the name
/// is therefore the rest of it; elsewhere it is a parameter without a value.
fn pairs(query: &str) -> Vec<(&str, String)> {
    let mut pairs: Vec<(&str, String)> = Vec::new();
    for piece in query.split('&') {
        match (piece.split_once('='), pairs.last_mut()) {
            (Some((key, value)), _) => pairs.push((key, value.to_owned())),
            (None, Some(("name", name))) => {
                name.push('&');
                name.push_str(piece);
            }
            (None, _) => pairs.push((piece, String::new())),
        }
    }
    pairs
}

/// As forms are encoded: `+` is a space. A `%` that begins no escape is a `%`, because the guide's script sends names as they are.
pub(super) fn decode(text: &str) -> Result<String, Problem> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| refuse("The query is not UTF-8; expected percent-encoded UTF-8."))
}

fn parse_size(digits: &str) -> Result<u64, Problem> {
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| plain).ok_or_else(|| {
        refuse(format!(
            "`size` is `{}`; expected the file's bytes as a whole number, as in `size=1024`.",
            excerpt(digits)
        ))
    })
}

pub(super) fn refuse(detail: impl Into<String>) -> Problem {
    problem(ErrorCode::InvalidRequest, detail)
}

#[cfg(test)]
mod tests {
    use super::read;

    fn name(query: &str) -> String {
        read(Some(query)).unwrap().name
    }

    #[test]
    fn names_arrive_as_pages_and_scripts_send_them() {
        assert_eq!(name("name=a%20b%2Bc.png"), "a b+c.png");
        assert_eq!(name("name=a+b.png"), "a b.png");
        assert_eq!(name("name=50%.png"), "50%.png");
        assert_eq!(name("name=a&b.png"), "a&b.png");
        assert_eq!(name("name=a&b&.png&size=1"), "a&b&.png");
        assert_eq!(name("name=%E6%97%A5%E6%9C%AC.png"), "日本.png");
        assert_eq!(name("name=a=b.png&_=1700000000"), "a=b.png");
    }

    #[test]
    fn size_and_type_are_read() {
        let file = read(Some("name=a&size=0&type=image%2Fpng")).unwrap();
        assert_eq!(
            (file.size, file.content_type.as_deref()),
            (Some(0), Some("image/png"))
        );
        let file = read(Some("name=a&type=")).unwrap();
        assert_eq!((file.size, file.content_type.as_deref()), (None, Some("")));
        let file = read(Some("&name=a&size=5&debug&type=a/b&")).unwrap();
        assert_eq!(
            (file.name.as_str(), file.size, file.content_type.as_deref()),
            ("a", Some(5), Some("a/b"))
        );
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (query, says) in [
            (None, "no `name`"),
            (Some(""), "no `name`"),
            (Some("nam=a"), "no `name`"),
            (Some("name=a&name=b"), "`name` twice"),
            (Some("name=a&size=1&size=1"), "`size` twice"),
            (Some("name=a&size=1&size"), "`size` twice"),
            (Some("name=a&size=1&%73ize=2"), "`size` twice"),
            (Some("name=a&type=a/b&type=c/d"), "`type` twice"),
            (Some("name=a&size=-1"), "whole number"),
            (Some("name=a&size=%2B1"), "whole number"),
            (Some("name=a&size="), "whole number"),
            (Some("name=a&size=99999999999999999999999"), "whole number"),
            (Some("name=%ff"), "not UTF-8"),
        ] {
            let problem = read(query).unwrap_err();
            assert!(
                problem.detail.contains(says),
                "{query:?}: {}",
                problem.detail
            );
            assert_eq!(problem.status, 400);
        }
    }
}
