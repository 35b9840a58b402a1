//! The MD5 of a file that the store could not be told beforehand, because a form has no header for it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use presign_protocol::{ErrorCode, FileError};

use crate::problem::file_error;
use crate::store::ObjectHead;

/// Bytes of an MD5.
const BYTES: usize = 16;

/// There exactly where the grant asked for one: one that nobody would compare is refused, so that nobody believes it was.
pub(super) fn check(asked: bool, given: Option<&str>) -> Result<Option<[u8; BYTES]>, FileError> {
    let refuse = |words: &str| Err(file_error(ErrorCode::InvalidRequest, words));
    match (asked, given) {
        (false, None) => Ok(None),
        (false, Some(_)) => {
            refuse("The upload has a `contentMd5` that its grant did not ask for; expected none.")
        }
        (true, None) => {
            refuse("The upload has no `contentMd5`; expected the file's MD5, in base64.")
        }
        (true, Some(given)) => {
            let decoded = STANDARD.decode(given).ok();
            match decoded.and_then(|bytes| bytes.try_into().ok()) {
                Some(md5) => Ok(Some(md5)),
                None => {
                    refuse("The upload's `contentMd5` is no MD5; expected its 16 bytes in base64.")
                }
            }
        }
    }
}

/// Compares with the object's `ETag`, which is its MD5 where it came in one request and was encrypted by no key of KMS or a customer; of another
/// `ETag` nothing can be said.
pub(super) fn compare(given: Option<[u8; BYTES]>, head: &ObjectHead) -> Result<(), FileError> {
    let stored = of_etag(&head.etag).filter(|_| head.etag_may_be_md5);
    match (given, stored) {
        (Some(given), Some(stored)) if given != stored => Err(file_error(
            ErrorCode::ChecksumMismatch,
            "The file's MD5 is not that of what the store has; the upload has to begin anew.",
        )),
        _ => Ok(()),
    }
}

fn of_etag(etag: &str) -> Option<[u8; BYTES]> {
    if etag.len() != BYTES * 2 || !etag.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u128::from_str_radix(etag, 16).ok().map(u128::to_be_bytes)
}

#[cfg(test)]
mod tests {
    use super::{check, of_etag};

    #[test]
    fn an_md5_is_there_where_it_is_asked_for_and_of_its_length() {
        let md5 = "1B2M2Y8AsgTpgAmY7PhCfg==";
        assert_eq!(check(false, None), Ok(None));
        let empty = check(true, Some(md5)).unwrap();
        assert_eq!(empty, of_etag("d41d8cd98f00b204e9800998ecf8427e"));
        for (asked, given) in [
            (false, Some(md5)),
            (true, None),
            (true, Some("")),
            (true, Some("AAAA")),
            (true, Some("not base64")),
        ] {
            assert!(check(asked, given).is_err(), "{given:?}");
        }
    }

    #[test]
    fn not_every_etag_is_an_md5() {
        for etag in [
            "",
            "d41d8cd98f00b204e9800998ecf8427e-2",
            "+41d8cd98f00b204e9800998ecf8427e",
        ] {
            assert_eq!(of_etag(etag), None);
        }
    }
}
