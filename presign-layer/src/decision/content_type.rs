use mediatype::MediaType;
use mediatype::names::_STAR;
use presign_protocol::{ErrorCode, FileError};

use crate::policy::check_header_value;
use crate::problem::{excerpt, file_error};

/// What a file of unknown type is, and is stored as.
pub(crate) const UNKNOWN: &str = "application/octet-stream";

/// Longer ones are nobody's types but somebody's probe.
const MAX_BYTES: usize = 1024;

/// The content type that a file is stored with which was granted as of type `given`.
pub(crate) fn stored(given: &str) -> &str {
    // The blanks that a header's value may stand between.
    match given.trim_matches([' ', '\t']) {
        "" => UNKNOWN,
        given => given,
    }
}

/// The content type to sign: as declared, because the browser sends its own by itself and the two must be equal. `None` where none was
/// asked for.
pub(super) fn declared(given: Option<&str>) -> Result<Option<String>, FileError> {
    let Some(all) = given else {
        return Ok(None);
    };
    let given = stored(all);
    // Its blanks are in the token too.
    let valid = all.len() <= MAX_BYTES
        && check_header_value(given).is_ok()
        && MediaType::parse(given)
            .is_ok_and(|media_type| media_type.ty != _STAR && media_type.subty != _STAR);
    if valid {
        return Ok(Some(given.to_owned()));
    }
    Err(file_error(
        ErrorCode::InvalidType,
        format!(
            "`{}` is not a content type; expected one such as `image/png`, or nothing.",
            excerpt(given)
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::declared;

    #[test]
    fn types_are_signed_as_declared() {
        assert_eq!(declared(None), Ok(None));
        assert_eq!(
            declared(Some("")),
            Ok(Some("application/octet-stream".to_owned()))
        );
        assert_eq!(declared(Some("\t a/b ")), Ok(Some("a/b".to_owned())));
        let with_parameter = "text/plain;charset=UTF-8";
        assert_eq!(
            declared(Some(with_parameter)),
            Ok(Some(with_parameter.to_owned()))
        );
    }

    #[test]
    fn what_is_no_type_is_refused() {
        let long = format!("a/{}", "b".repeat(2000));
        let blanks = format!("a/b{}", " ".repeat(2000));
        for given in [
            "image",
            "image/",
            "a/b\r\nx-amz-acl: public-read",
            "image/*",
            "*/*",
            "a/b;  c=d",
            "é/a",
            "a/b\u{b}",
            "\u{a0}a/b",
            &long,
            &blanks,
        ] {
            assert!(declared(Some(given)).is_err(), "{given}");
        }
    }
}
