//! What may be uploaded, and what is stored with it.

mod content_types;
mod disposition;
mod encryption;
mod error;
mod header_value;
pub(crate) mod metadata;
mod multipart;
mod pending;
mod post;
mod rules;

use std::time::Duration;

use presign_protocol::Crc;

use crate::key::KeyStrategy;

pub(crate) use content_types::{ContentTypes, PatternError};
pub use disposition::Disposition;
pub use encryption::Encryption;
pub use error::PolicyError;
pub(crate) use header_value::check as check_header_value;
pub(crate) use multipart::MultipartRules;
pub(crate) use pending::PendingPrefix;
pub use post::PostLength;
pub(crate) use post::PostRules;
pub(crate) use rules::Rules;

/// How long a presigned URL lives unless the policy says otherwise.
pub const DEFAULT_EXPIRY: Duration = Duration::from_mins(15);

/// The longest that a presigned URL can live: 7 days.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html>
pub const MAX_EXPIRY: Duration = Duration::from_hours(7 * 24);

/// What may be uploaded at one mount, and what is stored with it. Checked when the layer is built.
///
/// By default: any size that S3 stores (5 TiB), in one PUT below 32 MiB and in parts of 16 MiB from there, any type, keys that nobody else
/// has, no overwriting, URLs that live for 15 minutes, uploads that can be resumed for 7 days, every body proven by its MD5 and every arrival verified, no metadata,
/// 100 files in one request. Several mounts with several policies are how an application has several kinds of upload.
///
/// ```
/// use std::time::Duration;
/// use presign_layer::{Disposition, Policy};
///
/// let avatars = Policy::new()
///     .max_size(5 * 1024 * 1024)
///     .content_types(["image/png", "image/jpeg"])
///     .expires_in(Duration::from_secs(120))
///     .cache_control("public, max-age=31536000, immutable")
///     .disposition(Disposition::Attachment);
/// ```
#[derive(Clone, Debug)]
#[must_use]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a setting of its own, by its name"
)]
pub struct Policy {
    pub(crate) min_size: u64,
    pub(crate) max_size: Option<u64>,
    pub(crate) types: Option<Vec<String>>,
    pub(crate) expires_in: Duration,
    pub(crate) key: KeyStrategy,
    pub(crate) overwrite: bool,
    pub(crate) cache_control: Option<String>,
    pub(crate) disposition: Option<Disposition>,
    pub(crate) active_inline: bool,
    pub(crate) metadata: Vec<(String, String)>,
    pub(crate) client_metadata: Vec<String>,
    pub(crate) storage_class: Option<String>,
    pub(crate) encryption: Option<Encryption>,
    pub(crate) max_files: usize,
    pub(crate) multipart_threshold: u64,
    pub(crate) part_size: u64,
    pub(crate) single_put_only: bool,
    pub(crate) verified: bool,
    pub(crate) check_content: bool,
    pub(crate) resumable_for: Duration,
    pub(crate) content_md5: bool,
    pub(crate) full_object_checksum: Option<Crc>,
    pub(crate) post_below: Option<u64>,
    pub(crate) post_length: PostLength,
    pub(crate) pending_prefix: Option<String>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            min_size: 0,
            max_size: None,
            types: None,
            expires_in: DEFAULT_EXPIRY,
            key: KeyStrategy::default(),
            overwrite: false,
            cache_control: None,
            disposition: None,
            active_inline: false,
            metadata: Vec::new(),
            client_metadata: Vec::new(),
            storage_class: None,
            encryption: None,
            max_files: presign_protocol::DEFAULT_MAX_FILES,
            multipart_threshold: multipart::DEFAULT_THRESHOLD,
            part_size: multipart::DEFAULT_PART_SIZE,
            single_put_only: false,
            verified: true,
            check_content: false,
            resumable_for: multipart::DEFAULT_RESUMABLE,
            content_md5: true,
            full_object_checksum: None,
            post_below: None,
            post_length: PostLength::Exact,
            pending_prefix: None,
        }
    }
}

impl Policy {
    /// The policy described above.
    pub fn new() -> Self {
        Self::default()
    }

    /// A file has at least this many bytes.
    pub fn min_size(mut self, bytes: u64) -> Self {
        self.min_size = bytes;
        self
    }

    /// A file has at most this many bytes: 5 TiB unless given, 5 GiB with [`single_put_only`](Self::single_put_only). The store itself
    /// enforces it: the declared size is signed, that of each part too.
    pub fn max_size(mut self, bytes: u64) -> Self {
        self.max_size = Some(bytes);
        self
    }

    /// Only these content types: exact (`image/png`) or whole (`image/*`). Parameters (`; charset=utf-8`) and case do not
    /// matter. A type is what the browser says it is, usually by the file's extension; the store holds the uploader to it,
    /// but looks into no file. See [`check_content`](Self::check_content).
    pub fn content_types<T: Into<String>>(mut self, types: impl IntoIterator<Item = T>) -> Self {
        self.types = Some(types.into_iter().map(Into::into).collect());
        self
    }

    /// How long a presigned URL lives, 1 s to 7 days, in whole seconds.
    pub fn expires_in(mut self, duration: Duration) -> Self {
        self.expires_in = duration;
        self
    }

    /// How keys are made.
    pub fn key(mut self, strategy: KeyStrategy) -> Self {
        self.key = strategy;
        self
    }

    /// An upload may replace the object that has its key. Otherwise `if-none-match: *` is signed, and sent when parts are made an object,
    /// and the store answers the second upload of a key with 412. Not every store does: Garage ignores it, Swift refuses it with 501. There,
    /// allow overwriting and keep to unique keys. With a [`pending_prefix`](Self::pending_prefix) it is a matter of the copy alone.
    pub fn allow_overwrite(mut self) -> Self {
        self.overwrite = true;
        self
    }

    /// The `Cache-Control` that the object is served with.
    pub fn cache_control(mut self, value: impl Into<String>) -> Self {
        self.cache_control = Some(value.into());
        self
    }

    /// The `Content-Disposition` that the object is served with; the file's own name is put in. Unless given, only
    /// [active files](Self::allow_active_inline) have one.
    pub fn disposition(mut self, disposition: Disposition) -> Self {
        self.disposition = Some(disposition);
        self
    }

    /// A browser that opens HTML, SVG, XML or a script from the store may show it and run what is written in it. Unless this is given, such a file is
    /// stored to be saved, with [`Disposition::Attachment`], whatever [`disposition`](Self::disposition) says. Give it only where nobody uploads
    /// but those whom you would let write your pages, or where the files' origin has nothing that a script could take: no cookies, no other
    /// application, no other user's files.
    ///
    /// A type counts as active by its name: `text/html`, every `…+xml` and `…/xml`, JavaScript's names, multipart types and those of unknown
    /// content. A file without a type is stored as `application/octet-stream`, which browsers save; it needs no disposition. For the guide's bare URL,
    /// which signs no type, the uploader chooses it, and nothing is stored with the object.
    pub fn allow_active_inline(mut self) -> Self {
        self.active_inline = true;
        self
    }

    /// Stores `x-amz-meta-NAME` with every object. Text that is not plain ASCII is encoded after RFC 2047, as S3 itself does.
    ///
    /// The names `snowball-auto-extract` and `minio-snowball-…` are refused when the mount is built: `MinIO` takes them as the order to unpack the archive that
    /// is uploaded, over whatever keys its entries name. So is `presign-upload`, by which an upload's object is known.
    pub fn metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.metadata.push((name.into(), value.into()));
        self
    }

    /// Names of the metadata that a client may set; by default none. What [`metadata`](Self::metadata) refuses is refused here too.
    pub fn allow_metadata<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.client_metadata
            .extend(names.into_iter().map(Into::into));
        self
    }

    /// The storage class (`STANDARD_IA`, `INTELLIGENT_TIERING`…) of the objects.
    pub fn storage_class(mut self, class: impl Into<String>) -> Self {
        self.storage_class = Some(class.into());
        self
    }

    /// How the store encrypts the objects.
    pub fn encryption(mut self, encryption: Encryption) -> Self {
        self.encryption = Some(encryption);
        self
    }

    /// Files that one request may ask for, and uploads that one may complete; 100 unless given.
    pub fn max_files(mut self, files: usize) -> Self {
        self.max_files = files;
        self
    }

    /// Files of at least this many bytes go in parts, 32 MiB unless given: several at once, each sent again alone where it fails, and the
    /// upload can be paused and resumed. A file that no single PUT can carry (over 5 GiB) goes in parts whatever is given here, an
    /// empty one never.
    pub fn multipart_threshold(mut self, bytes: u64) -> Self {
        self.multipart_threshold = bytes;
        self
    }

    /// Bytes of a part, 5 MiB to 5 GiB, 16 MiB unless given. Parts of very large files are larger, so that there are at most 10,000.
    ///
    /// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>
    pub fn part_size(mut self, bytes: u64) -> Self {
        self.part_size = bytes;
        self
    }

    /// No file goes in parts, and none has more than the 5 GiB that one PUT can carry.
    pub fn single_put_only(mut self) -> Self {
        self.single_put_only = true;
        self
    }

    /// Nobody looks whether a file that goes in one request has arrived: its grant has no token, there is no receipt for it, and its object carries no
    /// mark. Nobody compares the MD5 of a form then. Unless given, `POST P/complete` looks at the store for every upload, which takes one request to it, and a client for that. Together with
    /// [`single_put_only`](Self::single_put_only) the server makes no request to the store for any upload.
    pub fn unverified(mut self) -> Self {
        self.verified = false;
        self
    }

    /// When an upload is completed, the first 8 KiB of its object are read and compared with the content type that was granted; what contradicts
    /// it is refused with `content_mismatch`. It takes one more request to the store for each upload that is completed, and with a
    /// [`pending_prefix`](Self::pending_prefix) two: the copy is looked at as well, and deleted if it is what was sent at the last moment.
    ///
    #[doc = include_str!("../docs/contents.md")]
    pub fn check_content(mut self) -> Self {
        self.check_content = true;
        self
    }

    /// How long an upload can be continued and completed, 1 minute to 30 days in whole seconds, 7 days unless given. Give the bucket a lifecycle
    /// rule that removes parts a day after that.
    pub fn resumable_for(mut self, duration: Duration) -> Self {
        self.resumable_for = duration;
        self
    }

    /// Clients do not prove the bytes of each PUT and part with the header `Content-MD5`, nor those of a form when they complete it. They do by default:
    /// every store checks the header, and reading the file for it costs a fraction of sending it.
    pub fn no_content_md5(mut self) -> Self {
        self.content_md5 = false;
        self
    }

    /// Uploads in parts are proven once more, as a whole: the client combines the checksums of the parts, and the store compares with its
    /// own when it makes them an object. A single PUT has no such step; `Content-MD5` proves it.
    pub fn full_object_checksum(mut self, checksum: Crc) -> Self {
        self.full_object_checksum = Some(checksum);
        self
    }

    /// Files of fewer than this many bytes are sent as a form (`POST` with a signed policy); by default none is. A browser that asks for no
    /// progress sends a form without a preflight, so many small files are quicker. A file that goes in parts still does.
    ///
    /// A form is held to everything that a PUT is held to but one: it cannot forbid overwriting. Where overwriting is not allowed, forms are
    /// therefore for [`KeyStrategy::UniqueName`] or a [`pending_prefix`](Self::pending_prefix), where nobody has anything under a form's key but the one
    /// who was granted it. They can send their form again, with other bytes of the same size, until it expires; what is pending is then verified
    /// again, and what is complete stays as it is. A mount whose store lacks forms
    /// ([`Capabilities::post_policy`](crate::Capabilities::post_policy)) does not build.
    ///
    /// At `MinIO`, have forms signed with [`url_credentials`](crate::StoreBuilder::url_credentials) that may do `s3:PutObject` and nothing else: it writes
    /// the file of a form to keys that nobody signed, where the credentials may do `s3:PutObjectFanOut`.
    ///
    /// A file whose key or metadata has a `$` in it goes in a PUT all the same: stores put another text in the place of `${filename}` in a form, and do
    /// not agree on how a `$` is written in a policy.
    pub fn post_below(mut self, bytes: u64) -> Self {
        self.post_below = Some(bytes);
        self
    }

    /// How many bytes a form's file may have: [`PostLength::Exact`] unless given.
    pub fn post_length(mut self, length: PostLength) -> Self {
        self.post_length = length;
        self
    }

    /// Files are sent to keys below `prefix` (`pending`; a slash follows by itself), and have their own key only once they are complete: `POST P/complete`
    /// verifies the pending object, copies it, and deletes it. So what is under a key that an application knows was verified, and does not change when a URL that
    /// still lives is used again; what nobody completes costs nothing, once a lifecycle rule of the bucket empties the prefix.
    ///
    /// No file gets a key below the prefix of its own. The storage class is that of the copy; pending objects have the store's own. Where
    /// overwriting is not allowed, the store must be able to copy without replacing anything
    /// ([`Capabilities::conditional_copy`](crate::Capabilities::conditional_copy) or
    /// [`conditional_complete`](crate::Capabilities::conditional_complete)), and need not be for PUTs: no two uploads have the same pending key.
    /// The guide's bare URL is refused, for nobody would complete it.
    pub fn pending_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.pending_prefix = Some(prefix.into());
        self
    }
}
