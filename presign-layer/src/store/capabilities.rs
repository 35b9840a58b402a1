/// What a store can do beyond what every S3-compatible one does. Nothing is asked of a store that it is not said to be capable of.
///
/// AWS S3's unless given. The named ones are what was measured, or what the vendor documents; where neither was to be had, the careful answer.
///
/// ```
/// use presign_layer::{Capabilities, FullObjectChecksums};
///
/// assert!(Capabilities::aws().conditional_writes());
/// // A store that no constructor names.
/// let ours = Capabilities::ceph().with_conditional_complete(true);
/// assert!(ours.conditional_writes());
/// assert_eq!(ours.full_object_checksums(), FullObjectChecksums::None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[must_use]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is something that a store can or cannot, by itself"
)]
pub struct Capabilities {
    conditional_put: bool,
    conditional_complete: bool,
    conditional_copy: bool,
    full_object_checksums: FullObjectChecksums,
    post_policy: bool,
}

/// Whether a store checks an upload of many parts against one CRC of the whole object (`x-amz-checksum-type: FULL_OBJECT`).
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FullObjectChecksums {
    /// It does not.
    None,
    /// It does, and needs nothing else.
    Whole,
    /// It does if each part comes with its own checksum too, in a header that it accepts unsigned.
    WithParts,
}

impl Capabilities {
    /// AWS S3, after its documentation: everything.
    pub const fn aws() -> Self {
        Self {
            conditional_put: true,
            conditional_complete: true,
            conditional_copy: true,
            full_object_checksums: FullObjectChecksums::Whole,
            post_policy: true,
        }
    }

    /// `MinIO` (2026): everything, but parts must carry their own checksums, and a copy ignores `if-none-match`.
    pub const fn minio() -> Self {
        Self {
            conditional_copy: false,
            full_object_checksums: FullObjectChecksums::WithParts,
            ..Self::aws()
        }
    }

    /// Garage (2.5): it ignores `if-none-match` of PUTs, copies and at an upload's end, and so overwrites, but heeds a copy's
    /// `x-amz-copy-source-if-match`; and it wants every part's checksum signed, which is not known when a part's URL is made.
    pub const fn garage() -> Self {
        Self {
            post_policy: true,
            ..Self::least()
        }
    }

    /// Cloudflare R2, to be on the safe side: no POST policy, conditions on PUT alone. Not measured.
    pub const fn r2() -> Self {
        Self {
            conditional_put: true,
            ..Self::least()
        }
    }

    /// Ceph's object gateway (16.2): conditions on PUT alone, and it ignores checksums.
    pub const fn ceph() -> Self {
        Self {
            conditional_put: true,
            post_policy: true,
            ..Self::least()
        }
    }

    /// `OpenStack` Swift (2.30, `s3api`): it refuses every PUT with a condition, honours one at Complete, and ignores checksums.
    pub const fn swift() -> Self {
        Self {
            conditional_complete: true,
            ..Self::least()
        }
    }

    /// What every S3-compatible store can.
    const fn least() -> Self {
        Self {
            conditional_put: false,
            conditional_complete: false,
            conditional_copy: false,
            full_object_checksums: FullObjectChecksums::None,
            post_policy: false,
        }
    }

    /// Whether `if-none-match: *` keeps both a PUT and the end of a multipart upload from replacing an object.
    #[must_use]
    pub const fn conditional_writes(self) -> bool {
        self.conditional_put && self.conditional_complete
    }

    /// Whether `if-none-match: *` keeps a PUT from replacing an object.
    #[must_use]
    pub const fn conditional_put(self) -> bool {
        self.conditional_put
    }

    /// Whether `if-none-match: *` keeps the end of a multipart upload from replacing an object.
    #[must_use]
    pub const fn conditional_complete(self) -> bool {
        self.conditional_complete
    }

    /// Whether `if-none-match: *` keeps a copy from replacing an object. Where it does not, and
    /// [`conditional_complete`](Self::conditional_complete) does, objects that may not replace another one are copied by parts. That a copy is of
    /// what was looked at (`x-amz-copy-source-if-match`) is asked of every store.
    #[must_use]
    pub const fn conditional_copy(self) -> bool {
        self.conditional_copy
    }

    /// Whether multipart uploads are checked against one CRC of the whole.
    #[must_use]
    pub const fn full_object_checksums(self) -> FullObjectChecksums {
        self.full_object_checksums
    }

    /// Whether uploads by a form with a POST policy are possible.
    #[must_use]
    pub const fn post_policy(self) -> bool {
        self.post_policy
    }

    /// Says what [`conditional_put`](Self::conditional_put) is.
    pub const fn with_conditional_put(self, can: bool) -> Self {
        Self {
            conditional_put: can,
            ..self
        }
    }

    /// Says what [`conditional_complete`](Self::conditional_complete) is.
    pub const fn with_conditional_complete(self, can: bool) -> Self {
        Self {
            conditional_complete: can,
            ..self
        }
    }

    /// Says what [`conditional_copy`](Self::conditional_copy) is.
    pub const fn with_conditional_copy(self, can: bool) -> Self {
        Self {
            conditional_copy: can,
            ..self
        }
    }

    /// Says what [`full_object_checksums`](Self::full_object_checksums) is.
    pub const fn with_full_object_checksums(self, checksums: FullObjectChecksums) -> Self {
        Self {
            full_object_checksums: checksums,
            ..self
        }
    }

    /// Says what [`post_policy`](Self::post_policy) is.
    pub const fn with_post_policy(self, can: bool) -> Self {
        Self {
            post_policy: can,
            ..self
        }
    }
}

impl Default for Capabilities {
    fn default() -> Self {
        Self::aws()
    }
}
