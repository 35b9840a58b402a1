//! What users of the layer see, through its public API alone.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test, and its helpers, may stop at the first thing that is not as it should be"
)]

mod answers;
mod arriving;
mod attacks;
mod completing;
mod configuration;
mod contents;
mod counting;
mod downloads;
mod endpoints;
mod fake;
mod granting;
mod hostile;
mod observing;
mod on_complete;
mod origins;
mod pass_through;
mod permits;
mod posting;
mod promoting;
mod quotas;
mod receipts;
mod received;
mod refusals;
mod secrets;
mod signing;
mod sigv4;
mod slow;
mod support;
mod tokens;
