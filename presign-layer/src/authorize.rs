//! The application's own word on each file: who asks, and whether and how narrowly they may.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::request::Parts;

use crate::BoxError;
use crate::hook::{HookFailure, Hooks};
use crate::key::ObjectKey;

type Answer = Pin<Box<dyn Future<Output = Result<Permit, Refusal>> + Send>>;

/// The hook that [`Builder::authorize`](crate::Builder::authorize) was given, or none where the mount is public.
#[derive(Clone)]
pub(crate) struct Authorizer(Option<Arc<dyn Fn(Ask) -> Answer + Send + Sync>>);

impl Authorizer {
    pub(crate) fn public() -> Self {
        Self(None)
    }

    pub(crate) fn hook<H, F>(hook: H) -> Self
    where
        H: Fn(Ask) -> F + Send + Sync + 'static,
        F: Future<Output = Result<Permit, Refusal>> + Send + 'static,
    {
        Self(Some(Arc::new(move |ask| Box::pin(hook(ask)))))
    }

    pub(crate) fn is_public(&self) -> bool {
        self.0.is_none()
    }

    pub(crate) async fn decide(
        &self,
        hooks: &Hooks,
        ask: Ask,
    ) -> Result<Result<Permit, Refusal>, HookFailure> {
        match &self.0 {
            None => Ok(Ok(Permit::new())),
            Some(hook) => hooks.run("authorize", || hook(ask)).await,
        }
    }
}

impl fmt::Debug for Authorizer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.is_public() { "public" } else { "hook" })
    }
}

/// What the authorization hook is asked: may whoever sent `parts` upload `file`, or download an object?
///
/// An upload takes several requests, and each of them is asked about: [`action`](Self::action) says which it is. A hook that decides
/// by who asks and what the file is need not look at it.
///
/// Its `Debug` shows no header and no extension: those hold the user's cookies and tokens.
#[derive(Clone)]
#[non_exhaustive]
pub struct Ask {
    /// The request's head: method, URI, headers, and the extensions that authentication middleware left. Its body is not
    /// there. All files of a batch share it.
    pub parts: Arc<Parts>,
    /// The file, as the browser described it when it asked for a grant. In the later requests of an upload the name is cut to 255
    /// bytes, and there is no metadata.
    pub file: FileAsked,
    /// What is asked for.
    pub action: Action,
    /// The upload that is to be continued; `None` where one is to begin.
    pub upload: Option<UploadAsked>,
    /// The object that is to be downloaded; `None` for an upload. `file` then has the name that it is to be saved as, and nothing more.
    pub object: Option<ObjectAsked>,
}

/// What the authorization hook is asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Action {
    /// A file is to be uploaded.
    Grant,
    /// Further parts of an upload are to be sent.
    Parts,
    /// An upload is to go on after a reload: which parts does the store have?
    Resume,
    /// An upload has been sent and is to be looked at; of one in parts the object is made now.
    Complete,
    /// An upload is given up.
    Abort,
    /// An object is to be downloaded. Of the permit, the key prefix must cover its key, and
    /// [`expires_in`](Permit::expires_in) counts.
    Download,
}

impl Action {
    /// For logs.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Grant => "grant",
            Self::Parts => "parts",
            Self::Resume => "resume",
            Self::Complete => "complete",
            Self::Abort => "abort",
            Self::Download => "download",
        }
    }
}

/// An upload that is to be continued. None of this is the browser's word: it is from the upload's token.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadAsked {
    /// The key that the object will have.
    pub key: ObjectKey,
}

/// An object that is to be downloaded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ObjectAsked {
    /// Its key: the word of whoever asks, who may name any, of an object that is there or not.
    pub key: ObjectKey,
}

impl fmt::Debug for Ask {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Ask")
            .field("method", &self.parts.method)
            .field("path", &self.parts.uri.path())
            .field("file", &self.file)
            .field("action", &self.action)
            .field("upload", &self.upload)
            .field("object", &self.object)
            .finish_non_exhaustive()
    }
}

/// A file that somebody asks to upload. All of it is the browser's word.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileAsked {
    /// The file's name; any text.
    pub name: String,
    /// Bytes; `None` only for the guide's bare `GET P?name=`.
    pub size: Option<u64>,
    /// The content type, `None` only for the guide's bare `GET P?name=`; empty where the browser does not know it, and then
    /// signed as `application/octet-stream`.
    pub content_type: Option<String>,
    /// Metadata that the client wants stored, names and values.
    pub metadata: Vec<(String, String)>,
}

/// A yes, which can only narrow the [`Policy`](crate::Policy), never widen it.
///
/// ```
/// use presign_layer::Permit;
///
/// let permit = Permit::new()
///     .key_prefix("users/42")
///     .max_size(10 * 1024 * 1024)
///     .types(["image/*"])
///     .metadata("uploader", "42");
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Permit {
    pub(crate) key_prefix: Option<String>,
    pub(crate) max_size: Option<u64>,
    pub(crate) types: Option<Vec<String>>,
    pub(crate) metadata: Vec<(String, String)>,
    pub(crate) expires_in: Option<Duration>,
    pub(crate) forbid_overwrite: bool,
    pub(crate) subject: Option<String>,
}

impl Permit {
    /// Yes, within the policy.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts the object below `prefix`: with `users/42` (a slash follows by itself) nobody reaches another user's keys. A prefix that
    /// is empty, begins with a slash or cannot be part of an [`ObjectKey`](crate::ObjectKey) is the application's mistake: the file is
    /// refused with `internal`, and the log says why.
    ///
    /// A download is `forbidden` unless its key is below the prefix.
    /// An upload that was granted keeps its key, whatever prefix a later permit names: where prefixes keep users apart, name a
    /// [`subject`](Self::subject) too, or whoever gets hold of another's token can go on with that upload.
    pub fn key_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.key_prefix = Some(prefix.into());
        self
    }

    /// At most this many bytes.
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.max_size = Some(bytes);
        self
    }

    /// Only these content types, exact (`image/png`) or whole (`image/*`).
    pub fn types<T: Into<String>>(mut self, types: impl IntoIterator<Item = T>) -> Self {
        self.types = Some(types.into_iter().map(Into::into).collect());
        self
    }

    /// Stores `x-amz-meta-NAME` with the object. It wins over what the client or the policy says for this name.
    ///
    /// A name that [`Policy::metadata`](crate::Policy::metadata) refuses is the application's mistake, like a wrong prefix.
    pub fn metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.push((name.into(), value.into()));
        self
    }

    /// The URL lives no longer than this.
    pub fn expires_in(mut self, duration: Duration) -> Self {
        self.expires_in = Some(duration);
        self
    }

    /// The store refuses the upload where the key is taken, even if the policy allows overwriting. At a store that is configured without
    /// conditional writes this is the application's mistake, like a wrong prefix.
    pub fn forbid_overwrite(mut self) -> Self {
        self.forbid_overwrite = true;
        self
    }

    /// Binds an upload to `subject`, the user's ID say: its token is refused with `token_foreign` unless the permit for the later request names
    /// the same one, and its receipt is for [them](crate::ReceiptVerifier::subject) alone. Only a hash of it is in either.
    pub fn subject(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }
}

/// A no.
///
/// Any error converts with `?` into an internal one: the user reads only that the server failed, the log has the rest.
#[derive(Debug)]
pub struct Refusal(pub(crate) Reason);

#[derive(Debug)]
pub(crate) enum Reason {
    Forbidden(String),
    Unauthenticated(String),
    Failed(BoxError),
}

impl Refusal {
    /// This file is refused, others of the batch may still be granted. `message` is shown to the user.
    #[must_use]
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self(Reason::Forbidden(message.into()))
    }

    /// Nobody is signed in: the whole request is answered 401. `message` is shown to the user.
    #[must_use]
    pub fn unauthenticated(message: impl Into<String>) -> Self {
        Self(Reason::Unauthenticated(message.into()))
    }
}

impl<E: std::error::Error + Send + Sync + 'static> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self(Reason::Failed(Box::new(error)))
    }
}
