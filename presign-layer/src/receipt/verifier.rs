use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use mediatype::MediaType;

use super::{Receipt, ReceiptClaims, ReceiptError, ReceiptKeys, ReceiptOf, UnfitObject};
use crate::builder::BuildError;
use crate::environment::{Clock, system_clock};
use crate::mount::Mount;
use crate::policy::{ContentTypes, PatternError, PolicyError};
use crate::sealed::{ShortKey, Subject};
use crate::store::Credentials;

/// How old a receipt may be unless the application says otherwise: a day, so that a form may stay open overnight.
pub const DEFAULT_RECEIPT_AGE: Duration = Duration::from_hours(24);

/// Checks receipts: no I/O, no state, in any process that has the keys.
///
/// ```
/// use presign_layer::{Credentials, PresignLayer, Receipt, ReceiptError, ReceiptVerifier, Store};
///
/// /// What an endpoint of the application's own does with its form.
/// fn attach(receipts: &ReceiptVerifier, user: &str, receipt: &str) -> Result<Receipt, ReceiptError> {
///     receipts.clone().subject(user).verify(receipt)
/// }
///
/// # let store = Store::builder("http://127.0.0.1:9000", "uploads").credentials(Credentials::new("id", "secret")).build()?;
/// let uploads = PresignLayer::builder(store).public().build()?;
/// let receipts = uploads.receipts().max_size(10 << 20).types(["image/*"])?;
/// assert_eq!(attach(&receipts, "42", "forged"), Err(ReceiptError::Invalid));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// It takes a receipt that its mount made for an object of its bucket and for the same [`subject`](Self::subject), not older than
/// [`max_age`](Self::max_age). Cloning it is cheap, so what differs from request to request is set on a clone.
#[derive(Clone)]
#[must_use]
pub struct ReceiptVerifier {
    made_by: Arc<MadeBy>,
    clock: Option<Arc<Clock>>,
    subject: Whose,
    max_age: Option<Duration>,
    /// With the slash at its end.
    key_prefix: Option<String>,
    types: Option<ContentTypes>,
    max_size: Option<u64>,
}

/// The mount that makes the receipts.
struct MadeBy {
    keys: ReceiptKeys,
    mount: String,
    bucket: String,
}

/// Whose receipts are taken.
#[derive(Clone)]
enum Whose {
    Anybodys,
    /// The subject's; without one those that no permit bound to any.
    Only(Option<Subject>),
}

impl ReceiptVerifier {
    /// For the receipts of a mount of another process: at `path`, for `bucket`, with the [`token_keys`](crate::Builder::token_keys) that it has.
    ///
    /// ```
    /// use presign_layer::{ReceiptError, ReceiptVerifier};
    ///
    /// # let secret = vec![7; 32];
    /// let receipts = ReceiptVerifier::new("/presignedUrl", "uploads", [secret])?;
    /// assert_eq!(receipts.verify("forged"), Err(ReceiptError::Invalid));
    /// # Ok::<(), presign_layer::BuildError>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`BuildError::TokenKey`] where a key is too short, [`BuildError::NoTokenKey`] where there is none, [`BuildError::Path`] where `path` cannot be that of
    /// a mount.
    pub fn new<K: Into<Vec<u8>>>(
        path: &str,
        bucket: impl Into<String>,
        keys: impl IntoIterator<Item = K>,
    ) -> Result<Self, BuildError> {
        let keys: Vec<Vec<u8>> = keys.into_iter().map(Into::into).collect();
        if keys.is_empty() {
            return Err(BuildError::NoTokenKey);
        }
        Self::elsewhere(path, bucket.into(), ReceiptKeys::configured(&keys))
    }

    /// For the receipts of a mount of another process that has these credentials and no [`token_keys`](crate::Builder::token_keys).
    ///
    /// # Errors
    ///
    /// [`BuildError::Path`] where `path` cannot be that of a mount.
    pub fn from_credentials(
        path: &str,
        bucket: impl Into<String>,
        credentials: &Credentials,
    ) -> Result<Self, BuildError> {
        let keys = ReceiptKeys::from_secret(credentials.inner().secret());
        Self::elsewhere(path, bucket.into(), keys)
    }

    fn elsewhere(
        path: &str,
        bucket: String,
        keys: Result<ReceiptKeys, ShortKey>,
    ) -> Result<Self, BuildError> {
        let mount = Mount::new(path).map_err(|error| BuildError::Path {
            path: path.to_owned(),
            reason: error.to_string(),
        })?;
        let keys = keys.map_err(|ShortKey { bytes }| BuildError::TokenKey { bytes })?;
        Ok(Self::of(keys, &mount, bucket, system_clock()))
    }

    pub(crate) fn of(
        keys: ReceiptKeys,
        mount: &Mount,
        bucket: String,
        clock: Option<Arc<Clock>>,
    ) -> Self {
        Self {
            made_by: Arc::new(MadeBy {
                keys,
                mount: mount.as_str().to_owned(),
                bucket,
            }),
            clock,
            subject: Whose::Only(None),
            max_age: Some(DEFAULT_RECEIPT_AGE),
            key_prefix: None,
            types: None,
            max_size: None,
        }
    }

    /// Only receipts of uploads that [`Permit::subject`](crate::Permit::subject) bound to `subject`. Unless given, only those that are bound to nobody.
    pub fn subject(mut self, subject: impl AsRef<str>) -> Self {
        self.subject = Whose::Only(Some(Subject::new(subject.as_ref())));
        self
    }

    /// Whoever's upload it was. For code that works for everybody, as a queue's consumer does; there the receipt itself says
    /// [whose it is](Receipt::is_of).
    pub fn any_subject(mut self) -> Self {
        self.subject = Whose::Anybodys;
        self
    }

    /// How old a receipt may be, [`DEFAULT_RECEIPT_AGE`] unless given. A page that waited longer completes its upload once more, and gets a new one.
    pub fn max_age(mut self, age: Duration) -> Self {
        self.max_age = Some(age);
        self
    }

    /// Receipts of any age.
    pub fn any_age(mut self) -> Self {
        self.max_age = None;
        self
    }

    /// Only objects below `prefix`: `users/42` (a slash follows by itself). Below an empty prefix there is none.
    pub fn key_prefix(mut self, prefix: impl AsRef<str>) -> Self {
        self.key_prefix = Some(format!("{}/", prefix.as_ref().trim_end_matches('/')));
        self
    }

    /// Only objects of these content types, exact (`image/png`) or whole (`image/*`).
    ///
    /// # Errors
    ///
    /// [`PolicyError::ContentType`] where one is neither.
    pub fn types<T: Into<String>>(
        mut self,
        types: impl IntoIterator<Item = T>,
    ) -> Result<Self, PolicyError> {
        let types: Vec<String> = types.into_iter().map(Into::into).collect();
        let types = ContentTypes::parse(&types)
            .map_err(|PatternError(given)| PolicyError::ContentType { given })?;
        self.types = types;
        Ok(self)
    }

    /// Only objects of at most this many bytes.
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.max_size = Some(bytes);
        self
    }

    /// Where the time comes from, the mount's clock or the system's unless given.
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Some(Arc::new(clock));
        self
    }

    /// What `receipt` says, if it is one, and one that is taken here.
    ///
    /// # Errors
    ///
    /// [`ReceiptError`] says why it is not taken.
    pub fn verify(&self, receipt: &str) -> Result<Receipt, ReceiptError> {
        let claims = self.made_by.keys.open(receipt)?;
        self.check_place(&claims)?;
        self.check_age(&claims)?;
        self.check_object(&claims)?;
        Ok(Receipt::of(claims))
    }

    fn check_place(&self, claims: &ReceiptClaims) -> Result<(), ReceiptError> {
        let foreign = |of| Err(ReceiptError::Foreign(of));
        if claims.mount != self.made_by.mount {
            return foreign(ReceiptOf::Mount);
        }
        if claims.bucket != self.made_by.bucket {
            return foreign(ReceiptOf::Bucket);
        }
        match &self.subject {
            Whose::Only(subject) if claims.subject != *subject => foreign(ReceiptOf::Subject),
            Whose::Only(_) | Whose::Anybodys => Ok(()),
        }
    }

    fn check_age(&self, claims: &ReceiptClaims) -> Result<(), ReceiptError> {
        let Some(max_age) = self.max_age else {
            return Ok(());
        };
        let clock = self.clock.as_ref().ok_or(ReceiptError::NoClock)?;
        let now = clock()
            .duration_since(SystemTime::UNIX_EPOCH)
            .map_err(|_| ReceiptError::NoClock)?;
        // The clock of whoever made it may be ahead of this one.
        if now.saturating_sub(Duration::from_secs(claims.issued_at)) > max_age {
            return Err(ReceiptError::Expired);
        }
        Ok(())
    }

    fn check_object(&self, claims: &ReceiptClaims) -> Result<(), ReceiptError> {
        let unfit = |what| Err(ReceiptError::Unfit(what));
        let prefix = self.key_prefix.as_deref();
        if prefix.is_some_and(|prefix| !claims.key.starts_with(prefix)) {
            return unfit(UnfitObject::Key);
        }
        if self.max_size.is_some_and(|most| claims.size > most) {
            return unfit(UnfitObject::Size);
        }
        if let Some(types) = &self.types {
            let given = MediaType::parse(&claims.content_type);
            if !given.is_ok_and(|given| types.allow(&given)) {
                return unfit(UnfitObject::ContentType);
            }
        }
        Ok(())
    }
}

impl fmt::Debug for ReceiptVerifier {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ReceiptVerifier")
            .field("mount", &self.made_by.mount)
            .field("bucket", &self.made_by.bucket)
            .field("max_age", &self.max_age)
            .field("key_prefix", &self.key_prefix)
            .field("types", &self.types)
            .field("max_size", &self.max_size)
            .finish_non_exhaustive()
    }
}
