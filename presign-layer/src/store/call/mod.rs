//! The few requests that the server itself makes to the store, at the store's own endpoint.

mod abort;
mod complete;
mod copy;
mod create;
mod delete;
mod error;
mod first_bytes;
mod head;
mod list;
mod part_copy;
mod patience;
mod stored;
#[cfg(test)]
mod tests;
mod words;
mod xml;

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, Uri};
use http_body_util::Full;
use presign_protocol::Crc;
use rusty_s3::Method;

use super::client::Reading;
use super::{NoClient, SigningTime, Store};
use crate::key::ObjectKey;
use crate::observe::{OK, StoreCall};

pub(crate) use complete::Completion;
pub(crate) use copy::Source;
pub(crate) use error::CallError;
pub(crate) use first_bytes::Replaced;
pub(crate) use head::{MARK, ObjectHead};
pub(crate) use list::ListedPart;
pub(crate) use part_copy::PartCopy;

/// How long the signature of a request lives: as long as the store takes one from a clock that is behind its own. It is used at once, but for
/// later pages and attempts, and seen by nobody but the store.
const URL_LIFE: Duration = Duration::from_mins(15);

/// How long the store may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);

/// A request that is not yet signed. Every header in it gets signed.
#[derive(Debug)]
struct Call<'a> {
    /// As S3's documentation names it.
    operation: &'static str,
    method: Method,
    key: &'a ObjectKey,
    query: BTreeMap<&'static str, String>,
    headers: BTreeMap<String, String>,
    body: Bytes,
    timeout: Duration,
    reading: Reading,
}

impl<'a> Call<'a> {
    fn new(operation: &'static str, method: Method, key: &'a ObjectKey) -> Self {
        Self {
            operation,
            method,
            key,
            query: BTreeMap::new(),
            headers: BTreeMap::new(),
            body: Bytes::new(),
            timeout: ANSWER_TIMEOUT,
            reading: Reading::Whole,
        }
    }

    fn with_query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.insert(name, value.into());
        self
    }

    fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.insert(name.to_owned(), value.into());
        self
    }
}

/// A checksum of the whole object, and not one of the parts' checksums.
const CHECKSUM_TYPE: (&str, &str) = ("x-amz-checksum-type", "FULL_OBJECT");

/// What `x-amz-checksum-algorithm` and the elements `Checksum…` call it.
fn algorithm(crc: Crc) -> String {
    crc.as_str().to_ascii_uppercase()
}

impl Store {
    /// Whether there is anything that the store can be called with, and why not.
    pub(crate) fn check_client(&self) -> Result<(), NoClient> {
        self.client.as_ref().map(|_| ()).map_err(Clone::clone)
    }

    /// Signs `call`, sends it, and `read`s the answer, as often as it takes. `now` is the time since 1970.
    async fn call<T>(
        &self,
        now: Duration,
        call: Call<'_>,
        read: impl Fn(&Response<Bytes>) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let measured = StoreCall::start(call.operation);
        let answered = self.patiently(now, call, read).await;
        measured.ended(answered.as_ref().map_or_else(CallError::name, |_| OK));
        answered
    }

    async fn patiently<T>(
        &self,
        now: Duration,
        call: Call<'_>,
        read: impl Fn(&Response<Bytes>) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let client = self
            .client
            .as_ref()
            .map_err(|missing| CallError::Failed(format!("there is no client: {missing:?}")))?;
        let request = self.signed(now, &call).await?;
        let attempt = || async {
            let answer = client
                .send(request.clone(), call.reading)
                .await
                .map_err(|error| CallError::no_answer(&error))?;
            read(&answer)
        };
        patience::patiently(client, call.timeout, attempt).await
    }

    async fn signed(
        &self,
        now: Duration,
        call: &Call<'_>,
    ) -> Result<Request<Full<Bytes>>, CallError> {
        let credentials = self
            .credentials()
            .await
            .map_err(|error| CallError::credentials(&error))?;
        let keys = credentials.inner();
        let unsendable = |what: &str| CallError::Refused(format!("the {what} cannot be sent"));
        let time = SigningTime::new(now).ok_or_else(|| unsendable("time"))?;
        let url = rusty_s3::signing::sign(
            &time.timestamp(),
            call.method,
            self.own.object_url(call.key.as_str()),
            keys.key(),
            keys.secret(),
            keys.token(),
            self.own.region(),
            URL_LIFE.as_secs(),
            call.query
                .iter()
                .map(|(name, value)| (*name, value.as_str())),
            call.headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        );
        let uri = Uri::try_from(url.as_str()).map_err(|_| unsendable("URL"))?;
        let mut request = Request::builder().method(call.method.to_str()).uri(uri);
        for (name, value) in &call.headers {
            let named = HeaderName::try_from(name).map_err(|_| unsendable("name of a header"))?;
            let value = HeaderValue::try_from(value)
                .map_err(|_| unsendable(&format!("value of the header {named}")))?;
            request = request.header(named, value);
        }
        request
            .body(Full::new(call.body.clone()))
            .map_err(|_| unsendable("request"))
    }
}

/// An answer that is not a success is the error that it says.
fn succeeded(answer: &Response<Bytes>) -> Result<(), CallError> {
    if answer.status().is_success() {
        return Ok(());
    }
    Err(CallError::answered(answer.status(), answer.body()))
}

/// An `ETag` as everything but HTTP has it.
fn unquoted(etag: &str) -> Result<String, CallError> {
    let etag = etag.trim();
    let bare = etag
        .strip_prefix('"')
        .and_then(|etag| etag.strip_suffix('"'))
        .unwrap_or(etag);
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"';
    if bare.is_empty() || bare.len() > 256 || !bare.bytes().all(plain) {
        return Err(CallError::Unreadable(
            "an ETag is empty or garbled".to_owned(),
        ));
    }
    Ok(bare.to_owned())
}
