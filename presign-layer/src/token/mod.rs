//! The token that an upload is continued and completed with. The server keeps no state: all that it must know of an upload again is in the token,
//! and the token is authenticated, so that whoever holds it can change nothing of it.

mod claims;
mod keys;

use presign_protocol::{ErrorCode, FileError};

use crate::problem::file_error;
pub(crate) use claims::{ClaimedWay, Claims, kept_name};
pub(crate) use keys::TokenKeys;

/// Why a token is not taken. No message repeats any of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenError {
    #[error(
        "The upload token is not one that this server made, or was changed; expected the `token` of a grant as it is."
    )]
    Invalid,
    #[error(
        "The upload token is of a version that this server does not read; the upload has to begin anew."
    )]
    Outdated,
    #[error("The upload token is for {0}.")]
    Foreign(Elsewhere),
    #[error("The upload token has come to its end of life; the upload has to begin anew.")]
    Expired,
}

/// Where a token belongs that does not belong here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Elsewhere {
    #[error("the endpoints at another path")]
    Mount,
    #[error("another bucket")]
    Bucket,
    #[error("another user")]
    Subject,
}

impl From<TokenError> for FileError {
    fn from(error: TokenError) -> Self {
        let code = match error {
            TokenError::Invalid => ErrorCode::TokenInvalid,
            TokenError::Outdated => ErrorCode::TokenOutdated,
            TokenError::Foreign(_) => ErrorCode::TokenForeign,
            TokenError::Expired => ErrorCode::TokenExpired,
        };
        file_error(code, error.to_string())
    }
}
