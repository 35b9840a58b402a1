use alloc::boxed::Box;
use core::fmt;
use core::time::Duration;

use presign_protocol::DEFAULT_PATH;
use wasm_bindgen::JsValue;

use crate::Event;
use crate::endpoint::Endpoint;
use crate::sys::value::{get, object, set};

/// Connections that a browser opens to one host over HTTP/1.1.
pub(crate) const DEFAULT_CONCURRENCY: usize = 6;

/// How long a request may send nothing.
pub(crate) const DEFAULT_STALL_TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) type OnEvent = Box<dyn FnMut(Event)>;

/// How an upload is done. [`Options::new`] is right for endpoints at `/presignedUrl` of the page's own origin.
#[must_use]
pub struct Options {
    pub(crate) endpoint: Endpoint,
    pub(crate) concurrency: usize,
    pub(crate) retry: Retry,
    pub(crate) resume: bool,
    /// The one remembered upload that the files are to go on with.
    pub(crate) only: JsValue,
    pub(crate) on_event: OnEvent,
}

impl Options {
    /// The defaults.
    pub fn new() -> Self {
        Self {
            endpoint: Endpoint(object(&[
                ("url", DEFAULT_PATH.into()),
                ("headers", object(&[])),
                ("patience", milliseconds(DEFAULT_STALL_TIMEOUT)),
            ])),
            concurrency: DEFAULT_CONCURRENCY,
            retry: Retry::default(),
            resume: true,
            only: JsValue::UNDEFINED,
            on_event: Box::new(|_| {}),
        }
    }

    /// Where `presign-layer` is mounted: a path of the page's own origin or a whole URL; `/presignedUrl` unless given.
    pub fn endpoint(self, url: &str) -> Self {
        set(&self.endpoint.0, "url", &url.into());
        self
    }

    /// A header for requests to the endpoint, such as `authorization`. The store never gets it.
    pub fn header(self, name: &str, value: &str) -> Self {
        set(&get(&self.endpoint.0, "headers"), name, &value.into());
        self
    }

    /// Whether the endpoint gets cookies: [`Credentials::SameOrigin`] unless given. The store never gets any.
    pub fn credentials(self, credentials: Credentials) -> Self {
        let word = match credentials {
            Credentials::SameOrigin => "same-origin",
            Credentials::Include => "include",
            Credentials::Omit => "omit",
        };
        set(&self.endpoint.0, "credentials", &word.into());
        self
    }

    /// Files, or parts of files, that are sent at the same time, 6 unless given, at least 1.
    pub fn concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests.max(1);
        self
    }

    /// A request that sends nothing for so long has failed and is tried again; 30 seconds unless given.
    pub fn stall_timeout(self, duration: Duration) -> Self {
        set(&self.endpoint.0, "patience", &milliseconds(duration));
        self
    }

    /// Whether what goes in parts can be resumed after the page was closed, and is, when the same bytes are uploaded again under the same
    /// name, type and metadata; so unless given. The browser then remembers each upload's token and its parts' checksums until it is complete. Pages
    /// that are not secure (no HTTPS) remember nothing.
    pub fn resume(mut self, resume: bool) -> Self {
        self.resume = resume;
        self
    }

    /// How often, and after which wait, what may pass is tried again.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.retry = retry;
        self
    }

    /// Is told what happens as it happens. Where nobody is told, files that go as a form need no CORS preflight.
    pub fn on_event(mut self, on_event: impl FnMut(Event) + 'static) -> Self {
        set(&self.endpoint.0, "listens", &true.into());
        self.on_event = Box::new(on_event);
        self
    }
}

fn milliseconds(duration: Duration) -> JsValue {
    (duration.as_secs_f64() * 1000.0).into()
}

impl Default for Options {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Options")
            .field("concurrency", &self.concurrency)
            .field("retry", &self.retry)
            .finish_non_exhaustive()
    }
}

/// To which origins cookies and the like are sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Credentials {
    /// The page's own.
    #[default]
    SameOrigin,
    /// Any.
    Include,
    /// None.
    Omit,
}

/// How often a request is made, and how long is waited in between, when it fails in a way that may pass: no answer, or a status
/// of 408, 429 or 5xx.
///
/// The wait is random between nothing and a limit that doubles with each attempt ("full jitter"), so that clients which failed
/// together do not come back together. An endpoint's `Retry-After` is waited out, up to two
/// minutes; a file that it asks to wait longer for fails.
///
/// Source: <https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Attempts in all, the first one included; 1 never tries again.
    pub attempts: u32,
    /// The limit of the first wait.
    pub min_delay: Duration,
    /// What the limit never grows beyond.
    pub max_delay: Duration,
}

impl Default for Retry {
    /// 5 attempts; waits of up to 1, 2, 4 and 8 seconds.
    fn default() -> Self {
        Self {
            attempts: 5,
            min_delay: Duration::from_secs(1),
            max_delay: Duration::from_secs(30),
        }
    }
}
