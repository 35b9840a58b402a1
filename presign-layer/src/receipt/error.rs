use presign_protocol::{ErrorCode, Problem};

use crate::problem::problem;

/// Why a receipt is not taken. No message repeats any of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptError {
    /// None of the keys made it.
    #[error(
        "The receipt is not one that this server made, or was changed; expected the `receipt` of a completed upload as it is."
    )]
    Invalid,
    /// It is authentic, and of a version that is not read any more.
    #[error(
        "The receipt is of a version that this server does not read; complete the upload once more."
    )]
    Outdated,
    /// It belongs elsewhere.
    #[error("The receipt is for {0}.")]
    Foreign(ReceiptOf),
    /// It is older than the application takes.
    #[error("The receipt is too old; complete the upload once more.")]
    Expired,
    /// It is of an object that the application does not take here.
    #[error("The receipt is of an object {0}.")]
    Unfit(UnfitObject),
    /// Without the feature `system` there is no clock but a given one: call [`ReceiptVerifier::clock`](crate::ReceiptVerifier::clock).
    #[error("The server has no clock to tell a receipt's age by.")]
    NoClock,
}

/// Where a receipt belongs that does not belong here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiptOf {
    /// The endpoints at another path.
    #[error("the endpoints at another path")]
    Mount,
    /// Another bucket.
    #[error("another bucket")]
    Bucket,
    /// Another user.
    #[error("another user")]
    Subject,
}

/// What of an object the application does not take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnfitObject {
    /// Its key.
    #[error("in another place than is expected here")]
    Key,
    /// Its size.
    #[error("larger than is expected here")]
    Size,
    /// Its content type.
    #[error("of another content type than is expected here")]
    ContentType,
}

impl ReceiptError {
    /// The kind of error in the protocol's words.
    #[must_use]
    pub fn code(self) -> ErrorCode {
        match self {
            Self::Invalid | Self::Outdated => ErrorCode::ReceiptInvalid,
            Self::Foreign(_) => ErrorCode::ReceiptForeign,
            Self::Expired => ErrorCode::ReceiptExpired,
            Self::Unfit(_) => ErrorCode::ReceiptUnfit,
            Self::NoClock => ErrorCode::Internal,
        }
    }
}

/// What to answer whoever handed it in.
impl From<ReceiptError> for Problem {
    fn from(error: ReceiptError) -> Self {
        problem(error.code(), error.to_string())
    }
}
