//! How often the store is asked.

use super::script::{ID, NOW, SECRET, Script, Step, key};
use crate::store::call::CallError;
use crate::{Credentials, Store};

#[tokio::test]
async fn a_client_that_is_given_is_asked_once() {
    let script = Script::new([Step::Error("connection refused")]);
    let failed = script.store().list_parts(NOW, &key(), ID).await;
    assert_eq!(
        failed.unwrap_err().to_string(),
        "the store did not answer, or failed: connection refused"
    );
    assert_eq!(script.seen().len(), 1);
}

#[tokio::test]
async fn a_clients_error_holds_no_signed_url() {
    let error = "error sending request for url (http://minio:9000/uploads/a?X-Amz-Credential=AKIA&X-Amz-Signature=0123)";
    let failed = Script::new([Step::Error(error)])
        .store()
        .head_object(NOW, &key())
        .await
        .unwrap_err();
    for shown in [failed.to_string(), format!("{failed:?}")] {
        assert!(
            shown.contains("withheld") && !shown.contains("0123"),
            "{shown}"
        );
    }
}

#[tokio::test]
async fn without_credentials_nothing_is_sent() {
    let script = Script::new([]);
    let mut store = script.store();
    store.provider = Store::builder("http://minio:9000", "uploads")
        .credentials_provider(|| async { Err(std::io::Error::other("the role is gone")) })
        .build()
        .unwrap()
        .provider;
    let failed = store.head_object(NOW, &key()).await;
    assert!(script.seen().is_empty());
    assert!(
        matches!(&failed, Err(CallError::Credentials(words)) if words == "the role is gone"),
        "{failed:?}"
    );
}

/// A container without certificates presigns all the same.
#[cfg(feature = "client")]
#[test]
fn without_certificates_only_what_asks_the_store_is_refused() {
    use crate::store::NoClient;
    use crate::{BuildError, Policy, PresignLayer};

    let mut store = Script::new([]).store();
    store.client = Err(NoClient::Certificates("there are none".to_owned()));
    let mount = |policy| {
        PresignLayer::builder(store.clone())
            .policy(policy)
            .clock(|| std::time::UNIX_EPOCH)
            .random(|_| Ok(()))
            .public()
            .build()
            .map(|_| ())
    };
    assert_eq!(mount(Policy::new().single_put_only().unverified()), Ok(()));
    for policy in [Policy::new().single_put_only(), Policy::new().unverified()] {
        let refused = mount(policy).unwrap_err();
        assert!(
            matches!(&refused, BuildError::Certificates { .. }),
            "{refused}"
        );
        assert!(refused.to_string().contains("there are none"), "{refused}");
    }
}

#[test]
fn a_store_has_a_client_with_the_feature_or_where_one_is_given() {
    assert!(Script::new([]).store().check_client().is_ok());
    let store = Store::builder("http://minio:9000", "uploads")
        .credentials(Credentials::new("id", SECRET))
        .build()
        .unwrap();
    assert_eq!(store.check_client().is_ok(), cfg!(feature = "client"));
}

#[cfg(not(feature = "client"))]
#[tokio::test]
async fn without_a_client_the_calls_say_so() {
    let store = Store::builder("http://minio:9000", "uploads")
        .credentials(Credentials::new("id", SECRET))
        .build()
        .unwrap();
    let failed = store.head_object(NOW, &key()).await.unwrap_err();
    assert!(
        failed.to_string().contains("there is no client"),
        "{failed}"
    );
}

#[cfg(feature = "client")]
mod again {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::super::script::{ID, NOW, Script, Step, answer, error, key};
    use crate::store::call::{CallError, Completion};

    const EMPTY: &str = "<ListPartsResult></ListPartsResult>";

    #[tokio::test(start_paused = true)]
    async fn what_may_pass_is_asked_again_with_the_same_signature() {
        for first in [
            Step::Error("connection reset"),
            error(500, "InternalError", ""),
            error(503, "SlowDown", ""),
            error(200, "InternalError", ""),
            answer(429, ""),
            answer(408, ""),
            Step::Silence,
        ] {
            let script = Script::new([first, answer(200, EMPTY)]);
            let listed = script.patient_store().list_parts(NOW, &key(), ID).await;
            assert_eq!(listed.unwrap(), []);
            let seen = script.seen();
            assert_eq!(seen.len(), 2);
            assert_eq!(
                seen[0].query["X-Amz-Signature"],
                seen[1].query["X-Amz-Signature"]
            );
        }
    }

    #[tokio::test(start_paused = true)]
    async fn after_three_attempts_it_is_over() {
        let script = Script::new((0..4).map(|_| answer(503, "")));
        let failed = script.patient_store().list_parts(NOW, &key(), ID).await;
        assert!(matches!(failed, Err(CallError::Failed(_))), "{failed:?}");
        assert_eq!(script.seen().len(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn what_will_not_pass_is_asked_once() {
        for first in [
            error(404, "NoSuchUpload", ""),
            error(403, "AccessDenied", ""),
            error(400, "BadDigest", ""),
            error(501, "NotImplemented", ""),
            answer(200, "<html/>"),
        ] {
            let script = Script::new([first]);
            let store = script.patient_store();
            assert!(store.list_parts(NOW, &key(), ID).await.is_err());
            assert_eq!(script.seen().len(), 1);
        }
    }

    /// A second answer that does not come is not waited for a third time: the signature has ended by then.
    #[tokio::test(start_paused = true)]
    async fn silence_ends() {
        let script = Script::new([Step::Silence, Step::Silence, Step::Silence]);
        let began = Instant::now();
        let failed = script.patient_store().head_object(NOW, &key()).await;
        assert_eq!(
            failed.unwrap_err().to_string(),
            "the store did not answer, or failed: no answer within 30 s"
        );
        assert_eq!(script.seen().len(), 2);
        assert!(began.elapsed() < Duration::from_secs(65));
    }

    #[tokio::test(start_paused = true)]
    async fn an_object_may_be_assembled_for_minutes() {
        let script = Script::new([Step::Silence]);
        let began = Instant::now();
        let failed = script
            .patient_store()
            .complete_multipart_upload(NOW, &key(), ID, &[], &Completion::default())
            .await;
        assert!(matches!(failed, Err(CallError::Failed(_))), "{failed:?}");
        assert!(began.elapsed() >= Duration::from_mins(5));
        assert_eq!(script.seen().len(), 1);
    }

    #[test]
    fn without_tokio_it_is_an_error_and_no_panic() {
        use std::task::{Context, Poll, Waker};

        let store = Script::new([]).patient_store();
        let key = key();
        let asked = std::pin::pin!(store.head_object(NOW, &key));
        let Poll::Ready(Err(failed)) = asked.poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("it is over at once")
        };
        assert!(failed.to_string().contains("Tokio"), "{failed}");
    }
}
