use alloc::string::String;
use alloc::vec::Vec;

use crate::ErrorCode;

/// Why one file was refused, in its place in the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct FileError {
    /// What kind of refusal, for programs.
    pub code: ErrorCode,
    /// What was wrong and what is expected, for people.
    pub message: String,
    /// What a page may want to show or act on.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub extensions: Extensions,
}

/// Why a whole request was refused: `application/problem+json` after
/// [RFC 9457](https://www.rfc-editor.org/rfc/rfc9457).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct Problem {
    /// The kind of problem in words; the same for every problem of this code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What kind of problem, for programs.
    pub code: ErrorCode,
    /// What was wrong this time, what is expected and where, for people.
    pub detail: String,
    /// What a page may want to show or act on.
    #[cfg_attr(feature = "serde", serde(flatten))]
    pub extensions: Extensions,
}

/// The limit that was broken, for programs. Only those that concern the error are present.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase", default))]
#[non_exhaustive]
pub struct Extensions {
    /// With [`ErrorCode::TooManyFiles`]: how many one request may ask for.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub max_files: Option<usize>,
    /// With [`ErrorCode::FileTooLarge`]: the most bytes.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub max_size: Option<u64>,
    /// With [`ErrorCode::FileTooSmall`]: the fewest bytes.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub min_size: Option<u64>,
    /// With [`ErrorCode::PartsMissing`]: the numbers of the parts that are to be sent: of those that the store lacks the first thousand, or all where it does not take those that it has.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub missing_parts: Option<Vec<u32>>,
    /// With [`ErrorCode::QuotaExceeded`]: the bytes that are left.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub quota_left: Option<u64>,
    /// The request's ID, as the application's own middleware has it: what to tell whoever reads the log.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub request_id: Option<String>,
    /// The trace that the request belongs to, after [W3C Trace Context](https://www.w3.org/TR/trace-context/#traceparent-header).
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub traceparent: Option<String>,
    /// With [`ErrorCode::TypeNotAllowed`]: the types that are.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub types: Option<Vec<String>>,
}
