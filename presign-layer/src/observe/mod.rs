//! What the application's operators see of a request: IDs, spans and what came of it. Nothing here ever sees a URL, a token, a receipt or a body.

mod ids;
mod request;
mod step;

pub(crate) use ids::Ids;
pub(crate) use request::Observed;
pub(crate) use step::Step;

/// What came of a request or a file that was not refused. A refusal's outcome is its code.
const OK: &str = "ok";

/// What came of a request that whoever asked did not wait for.
const ABANDONED: &str = "abandoned";
