/// How the store encrypts objects at rest.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/serv-side-encryption.html>
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encryption {
    /// With keys that the store manages (SSE-S3, `AES256`).
    S3Managed,
    /// With a key of the key management service (SSE-KMS).
    Kms {
        /// ID, ARN or alias of the key; `None` for the account's default one.
        key_id: Option<String>,
    },
}

impl Encryption {
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        const ALGORITHM: &str = "x-amz-server-side-encryption";
        match self {
            Self::S3Managed => vec![(ALGORITHM, "AES256".to_owned())],
            Self::Kms { key_id } => {
                let mut headers = vec![(ALGORITHM, "aws:kms".to_owned())];
                headers.extend(
                    key_id
                        .clone()
                        .map(|id| ("x-amz-server-side-encryption-aws-kms-key-id", id)),
                );
                headers
            }
        }
    }
}
