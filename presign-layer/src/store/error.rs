/// What is wrong with a [`Store`](crate::Store)'s configuration. No message repeats a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// An endpoint is not an `http` or `https` URL that a bucket can be reached at.
    #[error(
        "the {which} is not usable: {reason}; expected a URL such as `https://s3.eu-central-1.amazonaws.com`"
    )]
    Endpoint {
        /// `endpoint` or `public endpoint`.
        which: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The bucket has no usable name.
    #[error("`{name}` is not a bucket name: expected letters, digits, `-`, `.` and `_`")]
    Bucket {
        /// What was given.
        name: String,
    },
    /// The region is empty or cannot be part of a signature.
    #[error("`{region}` is not a region such as `us-east-1`")]
    Region {
        /// What was given.
        region: String,
    },
    /// No store copies so much, or so little, in one go.
    #[error("a store copies 5 MiB to 5 GiB in one go, not {given} bytes")]
    CopyAtMost {
        /// What was given.
        given: u64,
    },
    /// Nobody said where credentials come from.
    #[error("the store has no credentials: call `.credentials(…)` or `.credentials_provider(…)`")]
    NoCredentials,
    /// A part of the credentials is empty.
    #[error("the {part} is empty")]
    EmptyCredentials {
        /// Which part.
        part: &'static str,
    },
    /// An environment variable is unset, empty or not Unicode.
    #[error("the environment variable {name} is not set")]
    MissingVariable {
        /// Its name.
        name: &'static str,
    },
}
