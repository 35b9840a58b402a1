use core::time::Duration;

use wasm_bindgen::JsValue;

use crate::endpoint::Endpoint;
use crate::options::{DEFAULT_CONCURRENCY, OnEvent};
use crate::sys::value::{get, get_count};
use crate::{Options, Retry};

/// Of `{endpoint, concurrency, retry}`, checked by the package.
pub(super) fn of(settings: &JsValue, on_event: OnEvent) -> Options {
    Options {
        endpoint: Endpoint(get(settings, "endpoint")),
        concurrency: number(settings, "concurrency", DEFAULT_CONCURRENCY, usize::MAX),
        retry: retry(&get(settings, "retry"), Retry::default()),
        on_event,
    }
}

fn retry(given: &JsValue, unless_given: Retry) -> Retry {
    let delay = |name| get_count(given, name).map(Duration::from_millis);
    Retry {
        attempts: number(given, "attempts", unless_given.attempts, u32::MAX),
        min_delay: delay("minDelay").unwrap_or(unless_given.min_delay),
        max_delay: delay("maxDelay").unwrap_or(unless_given.max_delay),
    }
}

/// A number that is too large for `N` is as good as the `largest`.
fn number<N: TryFrom<u64>>(of: &JsValue, name: &str, unless_given: N, largest: N) -> N {
    get_count(of, name).map_or(unless_given, |number| number.try_into().unwrap_or(largest))
}
