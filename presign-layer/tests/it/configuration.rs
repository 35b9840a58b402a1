use std::time::Duration;

use presign_layer::protocol::Crc;
use presign_layer::{
    BuildError, Capabilities, Credentials, Encryption, FullObjectChecksums, KeyStrategy, Permit,
    Policy, PolicyError, PresignLayer, PresignService, Store, StoreError,
};

use crate::support::store;

fn refused(policy: Policy) -> String {
    PresignLayer::builder(store())
        .policy(policy)
        .public()
        .build()
        .err()
        .map_or_else(|| "accepted".to_owned(), |error| error.to_string())
}

#[test]
fn nobody_said_who_may_upload() {
    assert_eq!(
        PresignLayer::builder(store()).build().err(),
        Some(BuildError::NoAuthorization)
    );
    assert!(PresignLayer::builder(store()).public().build().is_ok());
    assert!(
        PresignLayer::builder(store())
            .authorize(|_| async { Ok(Permit::new()) })
            .build()
            .is_ok()
    );
}

#[test]
fn expiry_is_one_second_to_seven_days() {
    let with = |duration| {
        PresignLayer::builder(store())
            .policy(Policy::new().expires_in(duration))
            .public()
            .build()
            .err()
    };
    let week = Duration::from_hours(24 * 7);
    for good in [Duration::from_secs(1), week] {
        assert_eq!(with(good), None, "{good:?}");
    }
    for given in [
        Duration::ZERO,
        Duration::from_millis(999),
        Duration::from_millis(1500),
        week + Duration::from_secs(1),
        Duration::MAX,
    ] {
        assert_eq!(
            with(given),
            Some(BuildError::Policy(PolicyError::Expiry { given }))
        );
    }
}

#[test]
fn policies_that_cannot_be_kept_say_why() {
    for (policy, says) in [
        (
            Policy::new().min_size(5).max_size(4),
            "at least 5 and at most 4",
        ),
        (
            Policy::new().single_put_only().min_size(6 << 30),
            "at most 5368709120",
        ),
        (Policy::new().min_size(6 << 40), "at most 5497558138880"),
        (Policy::new().part_size((5 << 20) - 1), "5 MiB to 5 GiB"),
        (Policy::new().part_size((5 << 30) + 1), "5 MiB to 5 GiB"),
        (
            Policy::new().resumable_for(Duration::from_secs(59)),
            "1 minute to 30 days",
        ),
        (
            Policy::new().resumable_for(Duration::from_secs(30 * 24 * 3600 + 1)),
            "1 minute to 30 days",
        ),
        (
            Policy::new().resumable_for(Duration::from_millis(60_500)),
            "whole seconds",
        ),
        (
            Policy::new()
                .single_put_only()
                .full_object_checksum(Crc::Crc64Nvme),
            "leave out `full_object_checksum` or `single_put_only`",
        ),
        (
            Policy::new().pending_prefix("../pending"),
            "`../pending` cannot be the prefix of pending objects: an object key cannot have",
        ),
        (
            Policy::new().pending_prefix("p".repeat(1000)),
            "it may have 988 bytes",
        ),
        (
            Policy::new().pending_prefix("pending").unverified(),
            "leave out `pending_prefix` or `unverified`",
        ),
        (
            Policy::new().check_content().unverified(),
            "leave out `check_content` or `unverified`",
        ),
        (Policy::new().max_files(0), "`max_files` must be at least 1"),
        (
            Policy::new().content_types(["image/"]),
            "`image/` is not a content type",
        ),
        (
            Policy::new().content_types(["imag*"]),
            "`imag*` is not a content type",
        ),
        (
            Policy::new().cache_control("no\r\ncache"),
            "`cache-control` cannot be signed",
        ),
        (Policy::new().cache_control("a  b"), "single spaces"),
        (
            Policy::new().storage_class(""),
            "`x-amz-storage-class` cannot be signed: it is empty",
        ),
        (
            Policy::new().encryption(Encryption::Kms {
                key_id: Some("é".to_owned()),
            }),
            "kms-key-id` cannot be signed",
        ),
        (
            Policy::new().metadata("a b", "c"),
            "`a b` is not a metadata name",
        ),
        (
            Policy::new().metadata("Snowball-Auto-Extract", "true"),
            "`snowball-auto-extract` is refused: MinIO takes it as the order to unpack",
        ),
        (
            Policy::new().allow_metadata(["title", "minio-snowball-prefix"]),
            "`minio-snowball-prefix` is refused: MinIO takes it as the order to unpack",
        ),
        (
            Policy::new().metadata("a", "b").metadata("A", "c"),
            "`A` is given twice",
        ),
        (
            Policy::new().metadata("a", "b").allow_metadata(["A"]),
            "`A` is given twice",
        ),
        (
            Policy::new().metadata("a", "b".repeat(3000)),
            "at most 2048 bytes",
        ),
    ] {
        let error = refused(policy);
        assert!(error.contains(says), "{error}");
        assert!(error.starts_with("the policy cannot be kept: "), "{error}");
    }
}

#[test]
fn paths_that_cannot_be_mounts_say_why() {
    let at = |path: &str| {
        PresignLayer::builder(store())
            .path(path)
            .public()
            .build()
            .err()
            .unwrap()
            .to_string()
    };
    assert!(at("uploads").contains("must begin with a slash"));
    assert!(at("/uploads/").contains("no slash at its end"));
    assert!(at("/a b").contains("percent-encoded"));
    assert_eq!(
        PresignLayer::builder(store())
            .path("/")
            .public()
            .build()
            .err(),
        Some(BuildError::LayerAtRoot)
    );
    assert!(
        PresignService::builder(store())
            .path("/")
            .public()
            .build_service()
            .is_ok()
    );
}

fn store_error(endpoint: &str, bucket: &str) -> String {
    Store::builder(endpoint, bucket)
        .credentials(Credentials::new("id", "secret"))
        .build()
        .err()
        .map_or_else(|| "accepted".to_owned(), |error| error.to_string())
}

#[test]
fn stores_that_cannot_be_reached_say_why() {
    for (endpoint, bucket, says) in [
        ("s3.test", "b", "the endpoint is not usable"),
        ("ftp://s3.test", "b", "neither http nor https"),
        ("https://s3.test/?a=b", "b", "a query or a fragment"),
        ("https://s3.test", "", "not a bucket name"),
        ("https://s3.test", "a/b", "`a/b` is not a bucket name"),
        ("https://s3.test", "..", "not a bucket name"),
    ] {
        let error = store_error(endpoint, bucket);
        assert!(error.contains(says), "{error}");
    }
    let error = store_error("https://user:hunter2@s3.test", "b");
    assert!(
        error.contains("a user name or a password") && !error.contains("hunter2"),
        "{error}"
    );

    let builder = || Store::builder("https://s3.test", "b");
    assert_eq!(builder().build().err(), Some(StoreError::NoCredentials));
    let empty = builder()
        .credentials(Credentials::new("", "secret"))
        .build()
        .err();
    assert_eq!(
        empty,
        Some(StoreError::EmptyCredentials {
            part: "access key ID"
        })
    );
    let nowhere = builder()
        .region("")
        .credentials(Credentials::new("id", "secret"))
        .build()
        .err();
    assert!(matches!(nowhere, Some(StoreError::Region { .. })));
    let by_address = Store::builder("http://127.0.0.1:9000", "b")
        .virtual_host()
        .credentials(Credentials::new("id", "secret"))
        .build()
        .err();
    assert!(
        matches!(by_address, Some(StoreError::Endpoint { .. })),
        "{by_address:?}"
    );
}

/// Builds a mount for a store of these capabilities.
fn refused_for(capabilities: Capabilities, policy: Policy) -> Option<BuildError> {
    let store = Store::builder("https://s3.test", "uploads")
        .credentials(Credentials::new("id", "secret"))
        .capabilities(capabilities)
        .build()
        .unwrap();
    let builder = PresignLayer::builder(store).policy(policy).public();
    builder.build().err()
}

#[test]
fn what_a_store_cannot_do_is_not_asked_of_it() {
    for cannot in [
        Capabilities::garage(),
        Capabilities::ceph(),
        Capabilities::r2(),
    ] {
        let error = refused_for(cannot, Policy::new());
        assert_eq!(error, Some(BuildError::ConditionalWrites));
        assert_eq!(refused_for(cannot, Policy::new().allow_overwrite()), None);
    }
    let says = BuildError::ConditionalWrites.to_string();
    assert!(says.contains("Policy::allow_overwrite()"), "{says}");
    // One that keeps it for a PUT does where nothing goes in parts.
    for small in [
        Policy::new().single_put_only(),
        Policy::new().max_size(1 << 20),
    ] {
        assert_eq!(refused_for(Capabilities::ceph(), small.clone()), None);
        assert!(refused_for(Capabilities::garage(), small).is_some());
    }

    let checked = Policy::new()
        .allow_overwrite()
        .full_object_checksum(Crc::Crc32C);
    assert_eq!(refused_for(Capabilities::minio(), checked.clone()), None);
    let error = refused_for(Capabilities::ceph(), checked).unwrap();
    assert_eq!(
        error,
        BuildError::FullObjectChecksum {
            checksum: Crc::Crc32C
        }
    );
    assert!(
        error
            .to_string()
            .contains("leave out `Policy::full_object_checksum")
    );
}

#[test]
fn forms_are_for_stores_that_take_them_and_keys_that_keep_files_apart() {
    let forms = || Policy::new().post_below(1 << 20);
    for cannot in [Capabilities::r2(), Capabilities::swift()] {
        let error = refused_for(cannot, forms().allow_overwrite());
        assert_eq!(error, Some(BuildError::PostPolicy));
    }
    let with = Capabilities::aws().with_post_policy(false);
    assert_eq!(refused_for(with, forms()), Some(BuildError::PostPolicy));
    // Where no file is small enough, nothing is asked of the store.
    assert_eq!(refused_for(with, forms().min_size(1 << 20)), None);
    assert_eq!(refused_for(with, Policy::new()), None);

    let named = || forms().key(KeyStrategy::FileName);
    let own = || forms().key(KeyStrategy::custom(|naming| naming.unique.to_owned()));
    for shared in [named(), own()] {
        let error = refused_for(Capabilities::aws(), shared.clone()).unwrap();
        assert_eq!(error, BuildError::PostOverwrites);
        assert!(error.to_string().contains("UniqueName"), "{error}");
        let shared = shared.allow_overwrite();
        assert_eq!(refused_for(Capabilities::aws(), shared), None);
    }
    assert_eq!(refused_for(Capabilities::aws(), forms()), None);
}

/// Where files are copied to their keys, it is the copy that must not overwrite.
#[test]
fn what_is_pending_needs_a_store_that_copies_with_a_condition_or_may_overwrite() {
    let pending = || Policy::new().pending_prefix("pending");
    for can in [
        Capabilities::aws(),
        Capabilities::minio(),
        Capabilities::swift(),
        Capabilities::garage().with_conditional_copy(true),
    ] {
        assert_eq!(refused_for(can, pending()), None);
    }
    for cannot in [Capabilities::garage(), Capabilities::ceph()] {
        for policy in [pending(), pending().single_put_only()] {
            let error = refused_for(cannot, policy).unwrap();
            assert_eq!(error, BuildError::ConditionalCopies);
            assert!(error.to_string().contains("allow_overwrite()"), "{error}");
        }
        assert_eq!(refused_for(cannot, pending().allow_overwrite()), None);
    }
    // Every form has a key of its own.
    let named = pending().post_below(1 << 20).key(KeyStrategy::FileName);
    assert_eq!(refused_for(Capabilities::aws(), named), None);
}

#[test]
fn upload_tokens_need_a_key_that_cannot_be_guessed() {
    let provided = || {
        let store = Store::builder("https://s3.test", "uploads").credentials_provider(|| async {
            Ok::<_, std::convert::Infallible>(Credentials::new("id", "secret"))
        });
        PresignLayer::builder(store.build().unwrap()).public()
    };
    let error = provided().build().err().unwrap();
    assert_eq!(error, BuildError::NoTokenKey);
    assert!(error.to_string().contains(".token_keys("), "{error}");
    assert!(provided().token_keys([[7; 32]]).build().is_ok());
    for small in [
        Policy::new().single_put_only(),
        Policy::new().max_size(1 << 20),
    ] {
        let verified = provided().policy(small.clone()).build();
        assert_eq!(verified.err(), Some(BuildError::NoTokenKey));
        assert!(provided().policy(small.unverified()).build().is_ok());
    }
    let short = provided().token_keys([vec![7; 32], vec![7; 31]]).build();
    assert_eq!(short.err(), Some(BuildError::TokenKey { bytes: 31 }));
}

#[test]
fn one_answer_has_a_part_at_least_and_all_at_most() {
    let with = |parts| {
        let builder = PresignLayer::builder(store()).public();
        builder.parts_per_request(parts).build().err()
    };
    assert_eq!((with(1), with(10_000)), (None, None));
    for given in [0, 10_001] {
        assert_eq!(with(given), Some(BuildError::PartsPerRequest { given }));
    }
}

#[test]
fn a_store_is_said_to_be_capable_of_what_awss_is_unless_told_otherwise() {
    let builder =
        Store::builder("http://s3.test", "uploads").credentials(Credentials::new("id", "secret"));
    let store = builder.clone().build().unwrap();
    assert_eq!(store.capabilities(), Capabilities::aws());
    let garage = builder
        .capabilities(Capabilities::garage())
        .build()
        .unwrap();
    assert!(!garage.capabilities().conditional_writes());
    assert_eq!(
        garage.capabilities().full_object_checksums(),
        FullObjectChecksums::None
    );
}
