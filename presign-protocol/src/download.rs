use alloc::string::String;

/// What `GET P/download?key=` answers with `Accept: application/json`; without, it redirects to the URL.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "serde", serde(rename_all = "camelCase"))]
pub struct DownloadResponse {
    /// The presigned URL of a GET. Whoever has it can read the object: it is a secret until it expires.
    pub url: String,
    /// Seconds from this answer until the URL expires.
    pub expires_in: u64,
}

impl core::fmt::Debug for DownloadResponse {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("DownloadResponse")
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}
