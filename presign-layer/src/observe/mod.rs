//! What the application's operators see of a request: IDs, spans, numbers and what came of it. Nothing here ever sees a URL, a token, a receipt or a body.

mod ids;
#[cfg_attr(not(feature = "metrics"), path = "measure_nothing.rs")]
mod measure;
mod request;
mod step;

pub(crate) use ids::Ids;
pub(crate) use measure::{StoreCall, describe, granted};
pub(crate) use request::Observed;
pub(crate) use step::Step;

/// What came of a request, a file or a call that was not refused. A refusal's outcome is its code.
pub(crate) const OK: &str = "ok";

/// What came of what nobody waited for.
const ABANDONED: &str = "abandoned";
