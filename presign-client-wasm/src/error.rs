use alloc::string::String;
use core::fmt;
use core::time::Duration;

use presign_protocol::ErrorCode;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::sys::value::{get, get_count, get_string, items};
use crate::sys::whole;

#[wasm_bindgen(module = "/js/failure.js")]
extern "C" {
    fn incomplete() -> JsValue;
    fn remedies(failure: &JsValue) -> u32;
}

/// What is to be done about an error, as `remedies` says it.
mod remedy {
    pub(super) const ASK_FOR_A_CERTAIN_NUMBER: u32 = 1;
    pub(super) const ASK_FOR_FEWER: u32 = 1 << 1;
    pub(super) const SIGN_AGAIN: u32 = 1 << 2;
    pub(super) const RESTART: u32 = 1 << 3;
    pub(super) const LET_GO: u32 = 1 << 4;
    pub(super) const WAIT: u32 = 1 << 5;
}

/// Why a file did not arrive, or why a request to the endpoint failed. Displayed, it says so in whole sentences.
#[derive(Clone)]
pub struct UploadError {
    /// As `js/failure.js` makes it, and as the npm package hands it on.
    failure: JsValue,
}

impl UploadError {
    /// The server's answers contradict each other, or lack something.
    pub(crate) fn incomplete() -> Self {
        Self::from_js(incomplete())
    }

    pub(crate) fn from_js(failure: JsValue) -> Self {
        Self { failure }
    }

    #[cfg(feature = "js")]
    pub(crate) fn to_js(&self) -> JsValue {
        self.failure.clone()
    }

    /// What kind of error, for programs.
    #[must_use]
    pub fn code(&self) -> Code {
        get_string(&self.failure, "code").map_or(Code::Unsupported, Code::of)
    }

    /// What went wrong, for people: one or more whole sentences.
    #[must_use]
    pub fn message(&self) -> String {
        get_string(&self.failure, "message").unwrap_or_default()
    }

    /// Whether trying again later may help. What may pass has already been tried again as often as
    /// [`Retry`](crate::Retry) says.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.is_mended_by(remedy::WAIT)
    }

    /// The HTTP status, if there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        get_count(&self.failure, "status").and_then(|status| status.try_into().ok())
    }

    /// The store's own word for the error, such as `AccessDenied`.
    #[must_use]
    pub fn store_code(&self) -> Option<String> {
        get_string(&self.failure, "storeCode")
    }

    /// The store's name for the request, which its operator can look up.
    #[must_use]
    pub fn request_id(&self) -> Option<String> {
        get_string(&self.failure, "requestId")
    }

    /// How long the server asked to wait.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        get_count(&self.failure, "retryAfter").map(Duration::from_millis)
    }

    /// The request was too large. One for fewer files may not be.
    pub(crate) fn asks_for_fewer(&self) -> bool {
        self.is_mended_by(remedy::ASK_FOR_FEWER)
    }

    /// The server takes no more than a certain number of files in one request.
    pub(crate) fn is_too_many_files(&self) -> bool {
        self.is_mended_by(remedy::ASK_FOR_A_CERTAIN_NUMBER)
    }

    /// A presigned URL may have expired.
    pub(crate) fn asks_to_sign_again(&self) -> bool {
        self.is_mended_by(remedy::SIGN_AGAIN)
    }

    /// The upload cannot go on, but may be begun anew.
    pub(crate) fn asks_to_restart(&self) -> bool {
        self.is_mended_by(remedy::RESTART)
    }

    /// What the store has of the upload is of no use any more.
    pub(crate) fn is_final(&self) -> bool {
        self.is_mended_by(remedy::LET_GO)
    }

    fn is_mended_by(&self, remedy: u32) -> bool {
        remedies(&self.failure) & remedy != 0
    }

    /// The parts that the store lacks, by number, if it is that.
    pub(crate) fn missing_parts(&self) -> impl Iterator<Item = u32> + use<> {
        items(&get(&self.failure, "missingParts"))
            .filter_map(|number| u32::try_from(whole(number.as_f64()?)).ok())
    }
}

impl fmt::Debug for UploadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UploadError")
            .field("code", &self.code())
            .field("message", &self.message())
            .field("status", &self.status())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for UploadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message())
    }
}

impl core::error::Error for UploadError {}

/// What kind of [`UploadError`]. [`as_str`](Self::as_str) is the spelling that JavaScript sees.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Code {
    /// `network`: no answer came. Offline, an unknown host, a broken connection, or a store whose CORS rules do not
    /// let this page in; a browser does not tell these apart.
    Network,
    /// `store_refused`: the store answered with an error.
    StoreRefused,
    /// `file_unreadable`: the file was moved, deleted or changed since it was chosen, or is a folder.
    FileUnreadable,
    /// `endpoint_failed`: the endpoint answered with an error that is not in the protocol's words: a proxy's, say.
    EndpointFailed,
    /// `unexpected_answer`: the endpoint's answer is not in the protocol's words.
    UnexpectedAnswer,
    /// `headers_failed`: the headers for the endpoint cannot be had, or cannot be headers.
    HeadersFailed,
    /// `different_file`: another file of the same name and size was sent in part earlier. Only of [`Event::Restart`](crate::Event::Restart).
    DifferentFile,
    /// `unsupported`: there is no browser here, or one that lacks what is needed.
    Unsupported,
    /// The server refused, in the protocol's words: `file_too_large` and so on.
    Refused(ErrorCode),
    /// The server refused with a code that this version does not know.
    Unknown(String),
}

impl Code {
    /// The code in `snake_case`; it never changes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Network => "network",
            Self::StoreRefused => "store_refused",
            Self::FileUnreadable => "file_unreadable",
            Self::EndpointFailed => "endpoint_failed",
            Self::UnexpectedAnswer => "unexpected_answer",
            Self::HeadersFailed => "headers_failed",
            Self::DifferentFile => "different_file",
            Self::Unsupported => "unsupported",
            Self::Refused(code) => code.as_str(),
            Self::Unknown(spelling) => spelling,
        }
    }

    /// The code of this spelling.
    fn of(spelling: String) -> Self {
        let own = [
            Self::Network,
            Self::StoreRefused,
            Self::FileUnreadable,
            Self::EndpointFailed,
            Self::UnexpectedAnswer,
            Self::HeadersFailed,
            Self::DifferentFile,
            Self::Unsupported,
        ];
        if let Some(code) = own.into_iter().find(|code| code.as_str() == spelling) {
            return code;
        }
        match spelling.parse() {
            Ok(code) => Self::Refused(code),
            Err(_) => Self::Unknown(spelling),
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString as _;

    use presign_protocol::ErrorCode;

    use super::Code;

    #[test]
    fn codes_are_kept_known_or_not() {
        assert_eq!(Code::of("network".into()), Code::Network);
        let known = Code::of("file_too_large".into());
        assert_eq!(known, Code::Refused(ErrorCode::FileTooLarge));
        assert_eq!(known.to_string(), "file_too_large");
        assert_eq!(Code::of("new".into()).to_string(), "new");
    }
}
