/// Why a text cannot be the value of a signed header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HeaderValueError {
    #[error("it is empty")]
    Empty,
    #[error("it holds a character other than visible ASCII and single spaces")]
    Character,
}

/// Checks that `value` reaches the store exactly as it is signed: visible ASCII, and no space at an end or beside another one,
/// because signatures trim and collapse spaces while not every browser, proxy and store does.
pub(crate) fn check(value: &str) -> Result<(), HeaderValueError> {
    if value.is_empty() {
        return Err(HeaderValueError::Empty);
    }
    let visible = value
        .bytes()
        .all(|byte| byte == b' ' || byte.is_ascii_graphic());
    let single = !value.starts_with(' ') && !value.ends_with(' ') && !value.contains("  ");
    if visible && single {
        Ok(())
    } else {
        Err(HeaderValueError::Character)
    }
}
