//! User-defined metadata: `x-amz-meta-*` headers.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderName;

use super::header_value;
use crate::store::MARK;

pub(crate) const PREFIX: &str = "x-amz-meta-";

/// The most bytes that all names and values of an object's metadata have together.
pub(crate) const MAX_BYTES: usize = 2048;

/// `MinIO` unpacks an archive whose `x-amz-meta-snowball-auto-extract` is `true` over whatever keys its entries name, and with `x-amz-meta-minio-snowball-*`
/// below another prefix. AWS's Snowball devices do the former.
///
/// Sources: <https://docs.aws.amazon.com/snowball/latest/developer-guide/batching-small-files.html>,
/// <https://github.com/minio/minio/blob/7aac2a2c5b7c/internal/http/headers.go#L99-L107>
fn unpacks(name: &str) -> bool {
    name == "snowball-auto-extract" || name.starts_with("minio-snowball-")
}

/// By the mark in its metadata an upload's object is known from any other, so it is nobody else's to set.
fn is_mark(name: &str) -> bool {
    MARK.strip_prefix(PREFIX) == Some(name)
}

/// Why metadata cannot be stored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum MetadataError {
    #[error("`{0}` is not a metadata name: letters, digits, `-`, `_` and `.` are")]
    Name(String),
    #[error(
        "metadata `{0}` is refused: MinIO takes it as the order to unpack an archive over other keys"
    )]
    Unpacks(String),
    #[error("metadata `{0}` is refused: it names the upload that an object is of")]
    Mark(String),
    #[error("metadata `{0}` is given twice")]
    Twice(String),
    #[error("metadata `{0}` is empty")]
    Empty(String),
    #[error("metadata `{0}` holds a control character")]
    ControlCharacter(String),
    #[error("metadata has at most {MAX_BYTES} bytes of names and values, this has {0}")]
    TooLong(usize),
}

/// The name in lower case, as it is signed. Names do not differ by case alone: they are header names.
pub(crate) fn name(name: &str) -> Result<String, MetadataError> {
    let lower = name.to_ascii_lowercase();
    let plain = lower
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
    if lower.is_empty() || !plain || HeaderName::try_from(format!("{PREFIX}{lower}")).is_err() {
        return Err(MetadataError::Name(name.to_owned()));
    }
    if unpacks(&lower) {
        return Err(MetadataError::Unpacks(lower));
    }
    if is_mark(&lower) {
        return Err(MetadataError::Mark(lower));
    }
    Ok(lower)
}

/// The value as a header can carry it: as it is where that is plain ASCII, otherwise encoded after RFC 2047.
pub(crate) fn value(name: &str, value: &str) -> Result<String, MetadataError> {
    if value.is_empty() {
        return Err(MetadataError::Empty(name.to_owned()));
    }
    if value.chars().any(char::is_control) {
        return Err(MetadataError::ControlCharacter(name.to_owned()));
    }
    // What already looks like an encoded word is encoded too, so that it is read back as what it is.
    if header_value::check(value).is_ok() && !value.contains("=?") {
        return Ok(value.to_owned());
    }
    Ok(encoded_words(value))
}

/// Bytes of names and values together must not exceed [`MAX_BYTES`].
pub(crate) fn check_length<'a>(
    pairs: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<(), MetadataError> {
    let bytes = pairs.map(|(name, value)| name.len() + value.len()).sum();
    if bytes > MAX_BYTES {
        return Err(MetadataError::TooLong(bytes));
    }
    Ok(())
}

/// [RFC 2047](https://www.rfc-editor.org/rfc/rfc2047#section-2): words of at most 75 characters, `=?UTF-8?B?…?=`. White space
/// between two words is no part of the text.
fn encoded_words(text: &str) -> String {
    /// 75 less the 12 of the frame leaves 63 characters of base64: 45 bytes make 60.
    const BYTES_IN_A_WORD: usize = 45;
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (word, after) = rest.split_at(rest.floor_char_boundary(BYTES_IN_A_WORD));
        words.push(format!("=?UTF-8?B?{}?=", STANDARD.encode(word)));
        rest = after;
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::{MetadataError, check_length, name, value};

    #[test]
    fn names_are_lower_case_header_names() {
        assert_eq!(name("Album-1"), Ok("album-1".to_owned()));
        for bad in ["", "a b", "é", "a:b", "a\r\n"] {
            assert_eq!(name(bad), Err(MetadataError::Name(bad.to_owned())));
        }
    }

    #[test]
    fn no_name_has_a_store_unpack_what_is_uploaded() {
        for bad in [
            "snowball-auto-extract",
            "minio-snowball-",
            "minio-snowball-prefix",
        ] {
            let refused = Err(MetadataError::Unpacks(bad.to_owned()));
            assert_eq!(name(bad), refused);
            assert_eq!(name(&bad.to_uppercase()), refused);
        }
        for good in ["snowball", "minio-snowball", "auto-extract"] {
            assert_eq!(name(good), Ok(good.to_owned()));
        }
    }

    #[test]
    fn no_name_is_that_of_the_mark() {
        for bad in ["presign-upload", "Presign-UPLOAD"] {
            let refused = Err(MetadataError::Mark("presign-upload".to_owned()));
            assert_eq!(name(bad), refused);
        }
        assert_eq!(name("presign-upload-2"), Ok("presign-upload-2".to_owned()));
    }

    #[test]
    fn plain_values_stay_and_others_are_encoded_words() {
        assert_eq!(value("a", "plain text"), Ok("plain text".to_owned()));
        assert_eq!(value("a", "日本"), Ok("=?UTF-8?B?5pel5pys?=".to_owned()));
        assert_eq!(
            value("a", "two  spaces"),
            Ok("=?UTF-8?B?dHdvICBzcGFjZXM=?=".to_owned())
        );
        let long = value("a", &"日".repeat(40)).unwrap();
        assert!(long.split(' ').all(|word| word.len() <= 75), "{long}");
        assert_eq!(long.split(' ').count(), 3);
        assert_eq!(
            value("a", "x\r\ny"),
            Err(MetadataError::ControlCharacter("a".to_owned()))
        );
    }

    #[test]
    fn two_kilobytes_fit_and_one_byte_more_does_not() {
        assert_eq!(
            check_length([("a", "b".repeat(2047).as_str())].into_iter()),
            Ok(())
        );
        assert_eq!(
            check_length([("a", "b".repeat(2048).as_str())].into_iter()),
            Err(MetadataError::TooLong(2049))
        );
    }
}
