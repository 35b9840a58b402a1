//! Whether what the store has under an upload's key is what the upload makes.

use md5::{Digest, Md5};

use super::signer::now;
use super::store_error;
use super::upload::Upload;
use crate::core::Core;
use crate::problem::Refused;
use crate::store::{ListedPart, ObjectHead};

/// What is under an upload's key.
pub(super) enum Found {
    /// The upload's object, whole.
    Ours(ObjectHead),
    /// Another object.
    Other,
    Nothing,
}

/// `parts` are those that the store listed, where it did.
pub(super) async fn look(
    core: &Core,
    upload: &Upload,
    parts: Option<&[ListedPart]>,
) -> Result<Found, Refused> {
    let head = core
        .store
        .head_object(now(core)?, &upload.key)
        .await
        .map_err(|error| store_error::refuse("describe an object", &upload.key, &error))?;
    let md5_of_parts = parts
        .filter(|_| core.rules.etags_are_md5())
        .and_then(md5_of_md5s);
    Ok(match head {
        None => Found::Nothing,
        Some(head)
            if head.size == upload.plan.size()
                && etag_fits(&head.etag, upload.plan.count(), md5_of_parts.as_deref()) =>
        {
            Found::Ours(head)
        }
        Some(_) => Found::Other,
    })
}

/// Most stores name an object of parts by the MD5 of the parts' MD5s and their number, so another upload's object of the same size shows. A
/// name of another form tells nothing.
fn etag_fits(etag: &str, count: u16, md5_of_parts: Option<&str>) -> bool {
    let Some((md5, parts)) = etag.rsplit_once('-') else {
        return true;
    };
    if !is_md5(md5) || !parts.bytes().all(|byte| byte.is_ascii_digit()) {
        return true;
    }
    parts.parse() == Ok(count)
        && md5_of_parts.is_none_or(|of_parts| md5.eq_ignore_ascii_case(of_parts))
}

/// `None` where the parts' `ETag`s are not their MD5s.
fn md5_of_md5s(parts: &[ListedPart]) -> Option<String> {
    let mut hash = Md5::new();
    for ListedPart { part, .. } in parts {
        hash.update(from_hex(&part.etag)?);
    }
    let digits = hash.finalize().iter().fold(String::new(), |digits, byte| {
        digits + &format!("{byte:02x}")
    });
    Some(digits)
}

fn from_hex(etag: &str) -> Option<Vec<u8>> {
    if !is_md5(etag) {
        return None;
    }
    (0..16)
        .map(|byte| u8::from_str_radix(etag.get(2 * byte..2 * byte + 2)?, 16).ok())
        .collect()
}

fn is_md5(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use presign_protocol::StoredPart;

    use super::{etag_fits, md5_of_md5s};
    use crate::store::ListedPart;

    fn part(number: u32, etag: &str) -> ListedPart {
        ListedPart {
            part: StoredPart {
                number,
                size: 1,
                etag: etag.to_owned(),
            },
            checksum: None,
        }
    }

    /// The MD5s of `a` and `b`, and the MD5 of the 32 bytes of both.
    const A: &str = "0cc175b9c0f1b6a831c399e269772661";
    const B: &str = "92EB5FFEE6AE2FEC3AD71C777531578F";
    const BOTH: &str = "96e024ba2074fe77e8e965ba43a704be";

    #[test]
    fn the_md5_of_md5s_is_of_their_bytes() {
        assert_eq!(
            md5_of_md5s(&[part(1, A), part(2, B)]).as_deref(),
            Some(BOTH)
        );
        assert_eq!(md5_of_md5s(&[part(1, A), part(2, "other")]), None);
    }

    #[test]
    fn an_etag_of_the_usual_form_must_fit_and_others_tell_nothing() {
        let of_two = format!("{BOTH}-2");
        assert!(etag_fits(&of_two, 2, None));
        assert!(etag_fits(&of_two.to_uppercase(), 2, Some(BOTH)));
        assert!(!etag_fits(&of_two, 3, None));
        assert!(!etag_fits(&of_two, 2, Some(A)));
        assert!(!etag_fits(&format!("{BOTH}-65538"), 2, None));
        for other in [BOTH, "", "x-y-2", "0cc1-2"] {
            assert!(etag_fits(other, 3, Some(A)), "{other}");
        }
    }
}
