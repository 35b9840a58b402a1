//! Whether an object is the one that was granted.

use mediatype::MediaType;
use presign_protocol::{ErrorCode, FileError};

use crate::decision::stored_type;
use crate::endpoint::object;
use crate::endpoint::upload::Upload;
use crate::problem::{excerpt, file_error};
use crate::store::ObjectHead;

/// An upload's object is of the type that was granted. The store signs for that; a store that did not would be found out here.
pub(super) fn check(upload: &Upload, head: &ObjectHead) -> Result<(), FileError> {
    if same_type(stored_type(&upload.claims.content_type), &head.content_type) {
        return Ok(());
    }
    Err(refuse(upload, head))
}

/// Says what is another than was granted.
pub(super) fn refuse(upload: &Upload, head: &ObjectHead) -> FileError {
    let granted = &upload.claims;
    tracing::warn!(key = %upload.key, size = head.size, content_type = head.content_type, "an object is not what was granted");
    let words = if !object::is_of(head, upload) {
        // Nothing of it is told: it may be somebody else's.
        "The store has another object under this upload's key: the file did not arrive, or was replaced since.".to_owned()
    } else if granted.sizes().contains(&head.size) {
        format!(
            "The store has the file as {}; granted was {}.",
            excerpt(&head.content_type),
            excerpt(stored_type(&granted.content_type))
        )
    } else {
        format!(
            "The store has {} bytes of the file; granted were {}.",
            head.size, granted.size
        )
    };
    file_error(ErrorCode::ObjectMismatch, words)
}

/// Stores may spell a type anew.
fn same_type(granted: &str, stored: &str) -> bool {
    granted == stored
        || match (MediaType::parse(granted), MediaType::parse(stored)) {
            (Ok(granted), Ok(stored)) => granted == stored,
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::same_type;

    #[test]
    fn a_type_that_is_spelled_anew_is_the_same() {
        assert!(same_type(
            "text/plain;charset=UTF-8",
            "text/plain; charset=UTF-8"
        ));
        assert!(same_type("Image/PNG", "image/png"));
        for other in ["", "image/png", "text/html", "text/plain", "nonsense"] {
            assert!(!same_type("text/plain; charset=utf-8", other), "{other}");
        }
    }
}
