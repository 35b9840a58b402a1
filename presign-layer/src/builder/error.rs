use presign_protocol::{Crc, MAX_PARTS};

use crate::policy::PolicyError;
use crate::sealed::MIN_KEY_BYTES;

/// Why a mount cannot be built.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// Nobody said who may upload.
    #[error("nobody said who may upload: call `.authorize(…)`, or `.public()` if everybody may")]
    NoAuthorization,
    /// The policy cannot be kept.
    #[error("the policy cannot be kept: {0}")]
    Policy(PolicyError),
    /// The path cannot be a mount point.
    #[error(
        "`{path}` cannot be the path of the endpoints: {reason}; expected one such as `/presignedUrl`"
    )]
    Path {
        /// What was given.
        path: String,
        /// Why.
        reason: String,
    },
    /// A layer at `/` would answer every request, so nothing would reach the application.
    #[error(
        "a layer at `/` would answer every request: use `build_service()`, or give it a path of its own"
    )]
    LayerAtRoot,
    /// The policy forbids overwriting, and the store cannot.
    #[error(
        "the policy forbids overwriting, and this store cannot: call `Policy::allow_overwrite()` and keep to keys that nobody else has, or, if \
         it can for a single PUT, `Policy::single_put_only()`"
    )]
    ConditionalWrites,
    /// The policy forbids overwriting, and the store cannot where what is pending is copied to its own key.
    #[error(
        "the policy forbids overwriting, and this store can neither copy nor complete an upload without it: call `Policy::allow_overwrite()` and \
         keep to keys that nobody else has"
    )]
    ConditionalCopies,
    /// The policy has small files sent as forms, which the store does not take.
    #[error(
        "the policy has small files sent as forms, and this store takes none: leave out `Policy::post_below(…)`"
    )]
    PostPolicy,
    /// The policy forbids overwriting, which a form cannot, and keys do not keep files apart.
    #[error(
        "a form cannot forbid overwriting: leave out `Policy::post_below(…)`, keep to `KeyStrategy::UniqueName`, have files sent to \
         a `Policy::pending_prefix(…)`, or call `Policy::allow_overwrite()`"
    )]
    PostOverwrites,
    /// There is a hook for completed uploads, and a policy under which small ones are never completed.
    #[error(
        "`.on_complete(…)` is told of what the server has seen arrive, and under a policy that is `unverified()` that is no small file: leave \
         out the one or the other"
    )]
    OnCompleteUnverified,
    /// The policy asks for a checksum that the store does not have.
    #[error(
        "the policy asks for a {checksum} of whole objects, and this store has none: leave out `Policy::full_object_checksum(…)`; \
         `Content-MD5` proves each part there"
    )]
    FullObjectChecksum {
        /// What was asked for.
        checksum: Crc,
    },
    /// The server looks at the store whether uploads have arrived and what is downloaded is there, begins and ends uploads in parts, and has nothing to reach
    /// it with.
    #[error(
        "verified uploads, those in parts, and downloads need requests to the store: enable the feature `client`, call \
         `StoreBuilder::client(…)`, or have `Policy::single_put_only().unverified()` and no downloads"
    )]
    NoClient,
    /// The server's own calls go over `https`, and the system has no certificates to know the store by.
    #[error(
        "verified uploads, those in parts, and downloads need requests to the store, and the system's CA certificates cannot be loaded: \
         {reason}; install them, point `SSL_CERT_FILE` at them, call `StoreBuilder::client(…)`, or have \
         `Policy::single_put_only().unverified()` and no downloads"
    )]
    Certificates {
        /// Why.
        reason: String,
    },
    /// There is no secret to derive the keys of upload tokens and receipts from.
    #[error(
        "there is no secret to derive the keys of upload tokens and receipts from, as credentials that are asked for leave none: call \
         `.token_keys([…])` with at least {MIN_KEY_BYTES} secret bytes, the same on every replica, or have \
         `Policy::single_put_only().unverified()`"
    )]
    NoTokenKey,
    /// A key of upload tokens and receipts could be guessed.
    #[error("a key for upload tokens and receipts has at least {MIN_KEY_BYTES} bytes, not {bytes}")]
    TokenKey {
        /// How many were given.
        bytes: usize,
    },
    /// One answer could have no part URL, or more than there can be parts.
    #[error("one answer has 1 to {MAX_PARTS} part URLs, not {given}")]
    PartsPerRequest {
        /// What was given.
        given: u16,
    },
    /// Without the feature `system` there is no clock but a given one.
    #[error("there is no clock: call `.clock(…)`, or enable the feature `system`")]
    NoClock,
    /// Without the feature `system` there is no randomness but a given one.
    #[error("there is no randomness: call `.random(…)`, or enable the feature `system`")]
    NoRandom,
    /// Without the feature `timer` there is no timer but a given one.
    #[error("there is no timer: call `.sleep(…)`, or enable the feature `timer`")]
    NoSleep,
    /// No browser would ever send this as its page's origin.
    #[error("`{given}` is not an origin as browsers send it; expected one such as `{expected}`")]
    Origin {
        /// What was given.
        given: String,
        /// What would be one.
        expected: String,
    },
}

/// The message has the reason in it, so the error has no source: whoever prints both would print it twice.
impl From<PolicyError> for BuildError {
    fn from(error: PolicyError) -> Self {
        Self::Policy(error)
    }
}
