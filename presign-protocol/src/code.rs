use core::fmt;
use core::str::FromStr;

/// Declares the codes once: name, spelling, HTTP status, title, meaning.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident $spelling:literal $status:literal $title:literal;)*) => {
        /// What kind of error, for programs. The spelling ([`as_str`](Self::as_str)) is part of the protocol and never
        /// changes; new kinds may come.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
        #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
        #[cfg_attr(
            feature = "schema",
            schemars(description = "What kind of error, for programs. The spelling never changes; new kinds may come.")
        )]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* #[cfg_attr(feature = "serde", serde(rename = $spelling))] $name,)*
        }

        impl ErrorCode {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code as it is on the wire, in `snake_case`.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $spelling),* }
            }

            /// The HTTP status of a [`Problem`](crate::Problem) of this kind.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$name => $status),* }
            }

            /// The kind of problem in words.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$name => $title),* }
            }
        }
    };
}

codes! {
    /// No endpoint has this path.
    NotFound "not_found" 404 "No such endpoint";
    /// The endpoint does not have this method; `Allow` lists those it has.
    MethodNotAllowed "method_not_allowed" 405 "Method not allowed";
    /// The request's body is over the server's cap.
    BodyTooLarge "body_too_large" 413 "Request body too large";
    /// The request's body broke off or could not be read.
    BodyUnreadable "body_unreadable" 400 "Request body could not be read";
    /// The request's body is not declared as `application/json`.
    UnsupportedMediaType "unsupported_media_type" 415 "Unsupported media type";
    /// The request's body is not the JSON that is expected.
    InvalidJson "invalid_json" 400 "Invalid JSON";
    /// The query is not what is expected.
    InvalidRequest "invalid_request" 400 "Invalid request";
    /// The batch has no file.
    NoFiles "no_files" 400 "No files";
    /// The batch has more files than one request may ask for.
    TooManyFiles "too_many_files" 400 "Too many files in one request";
    /// The policy limits size, type or overwriting, so a URL alone cannot be given.
    SizeAndTypeRequired "size_and_type_required" 400 "Size and type required";
    /// The application does not know who asks.
    Unauthenticated "unauthenticated" 401 "Not signed in";
    /// The application's own code forbids it.
    Forbidden "forbidden" 403 "Not allowed";
    /// The file has more bytes than allowed.
    FileTooLarge "file_too_large" 400 "File too large";
    /// The file has fewer bytes than allowed.
    FileTooSmall "file_too_small" 400 "File too small";
    /// The file's content type is not among those allowed.
    TypeNotAllowed "type_not_allowed" 400 "Content type not allowed";
    /// The file's content type is not a media type.
    InvalidType "invalid_type" 400 "Invalid content type";
    /// The file has no usable name.
    InvalidName "invalid_name" 400 "Invalid file name";
    /// The key that the name leads to cannot be an object key.
    InvalidKey "invalid_key" 400 "Invalid object key";
    /// The client may not set this metadata.
    MetadataNotAllowed "metadata_not_allowed" 400 "Metadata not allowed";
    /// The metadata cannot be stored.
    InvalidMetadata "invalid_metadata" 400 "Invalid metadata";
    /// The token is not one that this server made, or was changed.
    TokenInvalid "token_invalid" 400 "Invalid upload token";
    /// The token is for another mount, another bucket or another user.
    TokenForeign "token_foreign" 403 "Upload token for somewhere else";
    /// The token has come to its end of life.
    TokenExpired "token_expired" 410 "Upload token expired";
    /// The token is of a version that this server does not read any more.
    TokenOutdated "token_outdated" 400 "Upload token outdated";
    /// The upload has no such part.
    InvalidPart "invalid_part" 400 "Invalid part number";
    /// The store does not know the upload any more, and its object is not there.
    UploadGone "upload_gone" 410 "Upload gone";
    /// The store does not have all parts; [`missing_parts`](crate::Extensions::missing_parts) says which are to be sent.
    PartsMissing "parts_missing" 409 "Parts missing";
    /// The key is taken and may not be overwritten.
    ObjectExists "object_exists" 409 "Object exists";
    /// The checksum of the whole is not that of what the store has.
    ChecksumMismatch "checksum_mismatch" 400 "Checksum mismatch";
    /// The store has nothing under the upload's key: what was sent did not arrive.
    ObjectMissing "object_missing" 409 "Object missing";
    /// What the store has is not what was granted: another size, another content type, or another upload's.
    ObjectMismatch "object_mismatch" 409 "Object is not what was granted";
    /// The file's first bytes are not of the content type that was granted.
    ContentMismatch "content_mismatch" 400 "Content contradicts its type";
    /// The subject has no room left for so many bytes; [`quota_left`](crate::Extensions::quota_left) says how much there is.
    QuotaExceeded "quota_exceeded" 403 "Quota exceeded";
    /// No object has this key.
    ObjectNotFound "object_not_found" 404 "No such object";
    /// The receipt is not one that this server made, or was changed.
    ReceiptInvalid "receipt_invalid" 400 "Invalid receipt";
    /// The receipt is for another mount, another bucket or another user.
    ReceiptForeign "receipt_foreign" 403 "Receipt for somewhere else";
    /// The receipt is older than the application takes.
    ReceiptExpired "receipt_expired" 410 "Receipt expired";
    /// The receipt is of an object that the application does not take here: its key, size or content type.
    ReceiptUnfit "receipt_unfit" 400 "Receipt of another kind of object";
    /// The page that asks is of an origin that may not.
    OriginNotAllowed "origin_not_allowed" 403 "Origin not allowed";
    /// The request's body took longer than the server waits.
    BodyTooSlow "body_too_slow" 408 "Request body too slow";
    /// The application's own code did not answer in time.
    HookTimedOut "hook_timed_out" 503 "Application too slow";
    /// The store did not answer, or failed.
    StoreFailed "store_failed" 502 "Store failed";
    /// The server has no credentials for the store just now.
    CredentialsUnavailable "credentials_unavailable" 503 "Credentials unavailable";
    /// The server failed.
    Internal "internal" 500 "Internal error";
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for ErrorCode {
    type Err = UnknownErrorCode;

    fn from_str(spelling: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .iter()
            .copied()
            .find(|code| code.as_str() == spelling)
            .ok_or(UnknownErrorCode)
    }
}

/// A code that this version does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnknownErrorCode;

impl fmt::Display for UnknownErrorCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an error code that this version does not know")
    }
}

impl core::error::Error for UnknownErrorCode {}

#[cfg(test)]
mod tests {
    use super::ErrorCode;

    #[test]
    fn every_code_reads_back_and_has_an_error_status() {
        for &code in ErrorCode::ALL {
            assert_eq!(code.as_str().parse(), Ok(code));
            assert!((400..600).contains(&code.status()), "{code}");
        }
        assert!("nonsense".parse::<ErrorCode>().is_err());
    }
}
