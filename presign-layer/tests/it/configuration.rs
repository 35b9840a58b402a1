use std::time::Duration;

use presign_layer::{
    BuildError, Capabilities, Credentials, Encryption, FullObjectChecksums, Permit, Policy,
    PolicyError, PresignLayer, PresignService, Store, StoreError,
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
        (Policy::new().min_size(6 << 30), "at most 5368709120"),
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
