//! The numbers that operators get, through the facade of the crate `metrics`. No label has a value that a stranger or a user could make up, so
//! there are no more of them than are listed in the documentation.

use std::time::{Duration, Instant};

use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};
use presign_protocol::{ErrorCode, Grant};

use super::ABANDONED;

const REQUESTS: &str = "presign_requests_total";
const REQUEST_DURATION: &str = "presign_request_duration_seconds";
const GRANTS: &str = "presign_grants_total";
const GRANTED_BYTES: &str = "presign_granted_bytes_total";
const COMPLETIONS: &str = "presign_completions_total";
const REFUSALS: &str = "presign_refusals_total";
const STORE_CALLS: &str = "presign_store_calls_total";
const STORE_CALL_DURATION: &str = "presign_store_call_duration_seconds";

/// Tells the recorder that is installed by now what the numbers are.
pub(crate) fn describe() {
    describe_counter!(
        REQUESTS,
        Unit::Count,
        "Requests to the endpoints, by what came of them."
    );
    describe_histogram!(
        REQUEST_DURATION,
        Unit::Seconds,
        "From a request's head to the answer's."
    );
    describe_counter!(
        GRANTS,
        Unit::Count,
        "Uploads that were granted, by the way that the bytes go."
    );
    describe_counter!(
        GRANTED_BYTES,
        Unit::Bytes,
        "Declared sizes of the uploads that were granted."
    );
    describe_counter!(
        COMPLETIONS,
        Unit::Count,
        "Uploads that the server was asked to complete, by what came of them."
    );
    describe_counter!(
        REFUSALS,
        Unit::Count,
        "Refusals of requests and of single files in them, by code."
    );
    describe_counter!(
        STORE_CALLS,
        Unit::Count,
        "The server's own calls to the store, by what came of them."
    );
    describe_histogram!(
        STORE_CALL_DURATION,
        Unit::Seconds,
        "What one call took, with all its attempts."
    );
}

/// A request is answered, or nobody waits for it any more.
pub(super) fn request(endpoint: &'static str, outcome: &'static str, began: Stopwatch) {
    counter!(REQUESTS, "endpoint" => endpoint, "outcome" => outcome).increment(1);
    if let Some(took) = began.took() {
        histogram!(REQUEST_DURATION, "endpoint" => endpoint).record(took);
    }
}

/// An upload is granted, of so many bytes where they are known.
pub(crate) fn granted(grant: &Grant, size: Option<u64>) {
    let method = match grant {
        Grant::Put(_) => "put",
        Grant::Post(_) => "post",
        Grant::Multipart(_) => "multipart",
        _ => "other",
    };
    counter!(GRANTS, "method" => method).increment(1);
    counter!(GRANTED_BYTES, "method" => method).increment(size.unwrap_or_default());
}

/// An upload is complete, or is not.
pub(super) fn completed(outcome: &'static str) {
    counter!(COMPLETIONS, "outcome" => outcome).increment(1);
}

/// Somebody is told that something is refused.
pub(super) fn refused(code: ErrorCode) {
    counter!(REFUSALS, "code" => code.as_str()).increment(1);
}

/// A call to the store. One that is given up before its end is counted, too.
#[derive(Debug)]
pub(crate) struct StoreCall {
    operation: &'static str,
    began: Stopwatch,
    outcome: &'static str,
}

impl StoreCall {
    pub(crate) fn start(operation: &'static str) -> Self {
        Self {
            operation,
            began: Stopwatch::start(),
            outcome: ABANDONED,
        }
    }

    pub(crate) fn ended(mut self, outcome: &'static str) {
        self.outcome = outcome;
    }
}

impl Drop for StoreCall {
    fn drop(&mut self) {
        let operation = self.operation;
        counter!(STORE_CALLS, "operation" => operation, "outcome" => self.outcome).increment(1);
        if let Some(took) = self.began.took() {
            histogram!(STORE_CALL_DURATION, "operation" => operation).record(took);
        }
    }
}

/// When something began, by a clock that nobody sets. `wasm32-unknown-unknown` has none, and asking for it would panic there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stopwatch(Option<Instant>);

impl Stopwatch {
    pub(super) fn start() -> Self {
        let has_clock = !cfg!(all(target_family = "wasm", target_os = "unknown"));
        Self(has_clock.then(Instant::now))
    }

    fn took(self) -> Option<Duration> {
        self.0.map(|began| began.elapsed())
    }
}
