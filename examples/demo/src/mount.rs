//! The endpoints that presign, `/presignedUrl`.

use std::time::Duration;

use presign_layer::{Ask, BuildError, Permit, Policy, PresignLayer, Refusal, Store};

use crate::args::Args;

/// Anybody may upload, which is right for a demo on one's own machine and for little else.
pub(crate) fn layer(store: Store, args: &Args) -> Result<PresignLayer, BuildError> {
    PresignLayer::builder(store)
        .policy(policy(args))
        .authorize(authorize)
        .build()
}

/// Overwriting is free in the policy because the guide's bare URL, `GET /presignedUrl?name=`, can sign nothing that forbids it.
fn policy(args: &Args) -> Policy {
    let mut policy = Policy::new().allow_overwrite();
    if let Some(seconds) = args.expires {
        policy = policy.expires_in(Duration::from_secs(seconds));
    }
    if let Some(bytes) = args.max_size {
        policy = policy.max_size(bytes);
    }
    if let Some(types) = &args.types {
        policy = policy.content_types(types);
    }
    policy
}

/// Whoever says a file's size, as every client but the guide's page does, overwrites nothing.
async fn authorize(ask: Ask) -> Result<Permit, Refusal> {
    Ok(match ask.file.size {
        None => Permit::new(),
        Some(_) => Permit::new().forbid_overwrite(),
    })
}
