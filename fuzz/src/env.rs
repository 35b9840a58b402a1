//! A clock and randomness that stand still, so that an input always does the same, and the mounts.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use presign_layer::{
    Builder, Credentials, Disposition, KeyStrategy, Policy, PostLength, PresignLayer,
    PresignService, Store, StoreBuilder,
};

use crate::store::Scripted;

/// 2013-05-24T00:00:00Z, when AWS's example was signed.
pub(crate) const NOW: u64 = 1_369_353_600;
/// The store's credentials.
pub(crate) const ACCESS_KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
/// Must never be in an answer.
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
/// The keys of tokens; must never be in an answer either.
pub(crate) const TOKEN_KEY: &str = "thirty-two bytes and a few more of them";

/// Where the mounts are.
pub(crate) const MOUNT: &str = "/presignedUrl";
/// The bucket.
pub(crate) const BUCKET: &str = "uploads";
/// Files of so many bytes go in parts.
pub(crate) const THRESHOLD: u64 = 6 << 20;
/// Bytes of a part.
pub(crate) const PART: u64 = 5 << 20;
/// The most bytes that [`limited`] takes.
pub(crate) const LIMIT: u64 = 1000;
/// Files of fewer bytes than this go as a form, where forms are.
pub(crate) const BELOW: u64 = 1 << 20;
/// The fewest bytes that [`FORMS`] takes.
pub(crate) const LEAST: u64 = 1;
/// Where files are sent, where they are pending.
pub(crate) const PENDING: &str = "pending/";
/// The only origin whose pages may use [`GUARDED`].
pub(crate) const ORIGIN: &str = "https://page.test";

/// The policy unless told otherwise: keys that nobody else has, nothing overwritten. Parts are small, so that few bytes make several.
pub(crate) static ORDINARY: LazyLock<PresignService> =
    LazyLock::new(|| service(Scripted::honest(), policy()));

/// As in the guide: the key is the file's name, and overwriting is free.
pub(crate) static GUIDE: LazyLock<PresignService> = LazyLock::new(|| {
    service(
        Scripted::honest(),
        policy().key(KeyStrategy::FileName).allow_overwrite(),
    )
});

/// All that a policy can limit and add.
pub(crate) static LIMITED: LazyLock<PresignService> = LazyLock::new(|| {
    let policy = policy()
        .max_size(LIMIT)
        .min_size(1)
        .content_types(["image/*", "text/plain"])
        .allow_metadata(["album", "title"])
        .metadata("by", "\u{65e5}\u{672c}")
        .cache_control("no-cache")
        .disposition(Disposition::Attachment)
        .max_files(3)
        .key(KeyStrategy::custom(|naming| {
            format!("in/{}/{}", naming.unique, naming.safe_name)
        }));
    service(Scripted::honest(), policy)
});

/// Small files go as forms that take fewer bytes too.
pub(crate) static FORMS: LazyLock<PresignService> = LazyLock::new(|| {
    let policy = policy()
        .post_below(BELOW)
        .post_length(PostLength::Ranged)
        .min_size(LEAST)
        .allow_metadata(["album", "title"]);
    service(Scripted::honest(), policy)
});

/// The same with keys that are names, and the size as it is told.
pub(crate) static NAMED_FORMS: LazyLock<PresignService> = LazyLock::new(|| {
    let policy = policy()
        .post_below(BELOW)
        .key(KeyStrategy::FileName)
        .allow_overwrite()
        .allow_metadata(["album", "title"])
        .metadata("by", "\u{65e5}\u{672c}")
        .cache_control("no-cache");
    service(Scripted::honest(), policy)
});

/// Files are pending before they have their own keys.
pub(crate) static WAITING: LazyLock<PresignService> =
    LazyLock::new(|| service(Scripted::honest(), policy().pending_prefix(PENDING)));

/// A layer in front of an application.
pub(crate) static LAYER: LazyLock<PresignLayer> = LazyLock::new(|| {
    builder(Scripted::honest(), policy().allow_overwrite())
        .build()
        .expect("the mount is right")
});

/// The same for the pages of one origin, with downloads.
pub(crate) static GUARDED: LazyLock<PresignLayer> = LazyLock::new(|| {
    builder(Scripted::honest(), policy().allow_overwrite())
        .allowed_origins([ORIGIN])
        .downloads()
        .build()
        .expect("the mount is right")
});

/// What the mounts have in common.
pub(crate) fn policy() -> Policy {
    Policy::new().multipart_threshold(THRESHOLD).part_size(PART)
}

/// A mount of `policy` in front of `store`.
pub(crate) fn service(store: Scripted, policy: Policy) -> PresignService {
    builder(store, policy)
        .build_service()
        .expect("the mount is right")
}

/// A mount that stands still in time: what it would wait for never comes, so there is never anything to wait for.
pub(crate) fn builder(store: Scripted, policy: Policy) -> Builder {
    mount(bucket(store), policy)
}

/// The bucket, in `store`.
pub(crate) fn bucket(store: Scripted) -> StoreBuilder {
    Store::builder("https://s3.test", BUCKET)
        .credentials(Credentials::new(ACCESS_KEY_ID, SECRET))
        .client(store)
}

/// As [`builder`], of a store with settings of its own.
pub(crate) fn mount(store: StoreBuilder, policy: Policy) -> Builder {
    PresignService::builder(store.build().expect("the store is right"))
        .policy(policy)
        .path(MOUNT)
        .public()
        .token_keys([TOKEN_KEY])
        .parts_per_request(3)
        .sleep(|_| std::future::pending())
        .clock(|| SystemTime::UNIX_EPOCH + Duration::from_secs(NOW))
        .random(|bytes| {
            bytes.fill(7);
            Ok(())
        })
}
