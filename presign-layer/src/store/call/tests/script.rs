use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};

use crate::BoxError;
use crate::key::ObjectKey;
use crate::{Credentials, Store};

/// 2013-05-24T00:00:00Z, when AWS's examples were signed.
pub(super) const NOW: Duration = Duration::from_hours(380_376);
pub(super) const ID: &str = "VXBsb2FkIElE";
pub(super) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

/// What the store does with one request.
pub(super) enum Step {
    Answer(Response<Bytes>),
    Error(&'static str),
    /// Nothing, ever.
    #[cfg(feature = "client")]
    Silence,
}

pub(super) fn answer(status: u16, body: impl Into<Bytes>) -> Step {
    let response = Response::builder().status(status);
    Step::Answer(response.body(body.into()).unwrap())
}

pub(super) fn error(status: u16, code: &str, message: &str) -> Step {
    answer(
        status,
        format!(
            "<?xml version=\"1.0\"?>\n<Error><Code>{code}</Code><Message>{message}</Message><Resource>/a</Resource></Error>"
        ),
    )
}

/// A request as the store gets it.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) method: String,
    pub(super) host: String,
    pub(super) path: String,
    pub(super) query: BTreeMap<String, String>,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

#[derive(Clone)]
pub(super) struct Script {
    steps: Arc<Mutex<VecDeque<Step>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Script {
    pub(super) fn new(steps: impl IntoIterator<Item = Step>) -> Self {
        Self {
            steps: Arc::new(Mutex::new(steps.into_iter().collect())),
            seen: Arc::default(),
        }
    }

    /// A store that is asked once.
    pub(super) fn store(&self) -> Store {
        let script = self.clone();
        Store::builder("http://minio:9000", "uploads")
            .public_endpoint("https://files.example.com")
            .credentials(
                Credentials::new("AKIAIOSFODNN7EXAMPLE", SECRET).with_session_token("the-token"),
            )
            .client(tower::service_fn(move |request| {
                let script = script.clone();
                async move { script.take(request).await }
            }))
            .build()
            .unwrap()
    }

    /// A store that is asked again.
    #[cfg(feature = "client")]
    pub(super) fn patient_store(&self) -> Store {
        let mut store = self.store();
        store.client = store.client.map(crate::store::client::Client::patiently);
        store
    }

    async fn take(self, request: Request<Full<Bytes>>) -> Result<Response<Full<Bytes>>, BoxError> {
        let (parts, body) = request.into_parts();
        let query = parts.uri.query().unwrap_or_default();
        let query = url::form_urlencoded::parse(query.as_bytes()).into_owned();
        let body = body.collect().await?.to_bytes();
        self.seen.lock().unwrap().push(Seen {
            method: parts.method.to_string(),
            host: parts.uri.authority().unwrap().to_string(),
            path: parts.uri.path().to_owned(),
            query: query.collect(),
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        });
        let step = self.steps.lock().unwrap().pop_front();
        match step.expect("a request that nobody expected") {
            Step::Answer(response) => Ok(response.map(Full::new)),
            Step::Error(error) => Err(error.into()),
            #[cfg(feature = "client")]
            Step::Silence => std::future::pending().await,
        }
    }

    pub(super) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

pub(super) fn key() -> ObjectKey {
    ObjectKey::new("users/1/ä b&c.bin").unwrap()
}
