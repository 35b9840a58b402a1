//! The first bytes of an object, whatever the store sends.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use futures_util::stream;
use http::{Request, Response};
use http_body::Frame;
use http_body_util::{Full, StreamBody};

use super::script::{NOW, SECRET, Script, Step, answer, error, key};
use crate::store::call::{CallError, Replaced};
use crate::{Credentials, Store};

fn found(status: u16, etag: &str, body: &'static str) -> Step {
    let response = Response::builder().status(status).header("etag", etag);
    Step::Answer(response.body(Bytes::from(body)).unwrap())
}

#[tokio::test]
async fn the_range_and_the_object_are_named_and_signed() {
    let script = Script::new([found(206, "\"e-1\"", "abcd")]);
    let bytes = script
        .store()
        .first_bytes(NOW, &key(), "e-1", 4)
        .await
        .unwrap();
    assert_eq!(bytes.unwrap(), "abcd");
    let seen = &script.seen()[0];
    assert_eq!(seen.method, "GET");
    assert_eq!(seen.headers["range"], "bytes=0-3");
    assert_eq!(seen.headers["if-match"], "\"e-1\"");
    assert_eq!(seen.query["X-Amz-SignedHeaders"], "host;if-match;range");
}

#[tokio::test]
async fn another_object_is_not_looked_at() {
    for step in [
        error(412, "PreconditionFailed", "No."),
        error(404, "NoSuchKey", "No."),
        // A store that does not look at the condition.
        found(206, "\"e-2\"", "abcd"),
    ] {
        let store = Script::new([step]).store();
        let read = store.first_bytes(NOW, &key(), "e-1", 4).await.unwrap();
        assert_eq!(read, Err(Replaced));
    }
    // One that does not say which object it gives has been asked for the right one.
    let store = Script::new([answer(200, "abcd")]).store();
    let read = store.first_bytes(NOW, &key(), "e-1", 4).await.unwrap();
    assert_eq!(read.unwrap(), "abcd");
}

#[tokio::test]
async fn what_is_not_given_is_an_error() {
    let store = Script::new([error(403, "AccessDenied", "No.")]).store();
    let read = store.first_bytes(NOW, &key(), "e-1", 4).await;
    assert!(matches!(read, Err(CallError::Refused(_))), "{read:?}");
    let store = Script::new([found(206, "\"e-1\"", "abc")]).store();
    let read = store.first_bytes(NOW, &key(), "e-1", 4).await;
    assert!(matches!(read, Err(CallError::Unreadable(_))), "{read:?}");
}

/// A store that knows no ranges sends an object of terabytes: a few bytes of it are read.
#[tokio::test]
async fn no_more_is_read_than_is_wanted() {
    let frames = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&frames);
    let endless = tower::service_fn(move |_: Request<Full<Bytes>>| {
        let counted = Arc::clone(&counted);
        async move {
            let body = stream::repeat_with(move || {
                counted.fetch_add(1, Ordering::Relaxed);
                Ok::<_, Infallible>(Frame::data(Bytes::from_static(&[7; 1000])))
            });
            Ok::<_, Infallible>(Response::new(StreamBody::new(body)))
        }
    });
    let store = Store::builder("http://minio:9000", "uploads")
        .credentials(Credentials::new("AKIAIOSFODNN7EXAMPLE", SECRET))
        .client(endless)
        .build()
        .unwrap();
    let read = store.first_bytes(NOW, &key(), "e-1", 2500).await.unwrap();
    assert_eq!(read.unwrap().len(), 2500);
    assert_eq!(frames.load(Ordering::Relaxed), 3);
}
