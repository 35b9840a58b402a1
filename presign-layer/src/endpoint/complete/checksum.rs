use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use presign_protocol::{Crc, ErrorCode, FileError};

use crate::problem::file_error;

/// The checksum of the whole as the store is to compare it: there exactly where the grant asked for one. One that nobody would compare is
/// refused, so that nobody believes it was.
pub(super) fn check(
    asked: Option<Crc>,
    given: Option<&str>,
) -> Result<Option<(Crc, String)>, FileError> {
    let refuse = |detail: String| Err(file_error(ErrorCode::InvalidRequest, detail));
    match (asked, given) {
        (None, None) => Ok(None),
        (None, Some(_)) => refuse(
            "The upload has a `checksum` that its grant did not ask for; expected none.".to_owned(),
        ),
        (Some(crc), None) => refuse(format!(
            "The upload has no `checksum`; expected the file's {crc}, in base64."
        )),
        (Some(crc), Some(given)) => {
            let bytes = if crc == Crc::Crc64Nvme { 8 } else { 4 };
            if STANDARD
                .decode(given)
                .is_ok_and(|decoded| decoded.len() == bytes)
            {
                return Ok(Some((crc, given.to_owned())));
            }
            refuse(format!(
                "The upload's `checksum` is not a {crc}; expected its {bytes} bytes in base64."
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use presign_protocol::Crc;

    use super::check;

    #[test]
    fn a_checksum_is_there_where_it_is_asked_for_and_of_its_length() {
        assert_eq!(check(None, None), Ok(None));
        for (crc, given) in [
            (Crc::Crc64Nvme, "rosUhgp5mIg="),
            (Crc::Crc32C, "4waSgw=="),
            (Crc::Crc32, "y/Q5Jg=="),
        ] {
            assert_eq!(
                check(Some(crc), Some(given)),
                Ok(Some((crc, given.to_owned())))
            );
        }
        for (asked, given, says) in [
            (None, Some("y/Q5Jg=="), "did not ask for"),
            (Some(Crc::Crc32), None, "no `checksum`"),
            (Some(Crc::Crc32), Some(""), "4 bytes"),
            (Some(Crc::Crc32), Some("y/Q5Jg"), "4 bytes"),
            (Some(Crc::Crc32), Some("rosUhgp5mIg="), "4 bytes"),
            (Some(Crc::Crc64Nvme), Some("y/Q5Jg=="), "8 bytes"),
            (Some(Crc::Crc32C), Some("not base64"), "4 bytes"),
        ] {
            let error = check(asked, given).unwrap_err();
            assert!(error.message.contains(says), "{}", error.message);
        }
    }
}
