use core::time::Duration;

use wasm_bindgen::JsValue;

use crate::endpoint::Endpoint;
use crate::options::{DEFAULT_CONCURRENCY, DEFAULT_STALL_TIMEOUT, OnEvent};
use crate::sys::value::{get, get_count};
use crate::{Options, Retry};

/// Of `{endpoint, concurrency, retry, stallTimeout, resume, only}`, checked by the package.
pub(super) fn of(settings: &JsValue, on_event: OnEvent) -> Options {
    Options {
        endpoint: Endpoint(get(settings, "endpoint")),
        concurrency: number(settings, "concurrency", DEFAULT_CONCURRENCY, usize::MAX),
        retry: retry(&get(settings, "retry"), Retry::default()),
        stall_timeout: delay(settings, "stallTimeout").unwrap_or(DEFAULT_STALL_TIMEOUT),
        resume: get(settings, "resume") != false,
        only: get(settings, "only").as_f64(),
        on_event,
    }
}

fn retry(given: &JsValue, unless_given: Retry) -> Retry {
    Retry {
        attempts: number(given, "attempts", unless_given.attempts, u32::MAX),
        min_delay: delay(given, "minDelay").unwrap_or(unless_given.min_delay),
        max_delay: delay(given, "maxDelay").unwrap_or(unless_given.max_delay),
    }
}

fn delay(of: &JsValue, name: &str) -> Option<Duration> {
    get_count(of, name).map(Duration::from_millis)
}

/// A number that is too large for `N` is as good as the `largest`.
fn number<N: TryFrom<u64>>(of: &JsValue, name: &str, unless_given: N, largest: N) -> N {
    get_count(of, name).map_or(unless_given, |number| number.try_into().unwrap_or(largest))
}
