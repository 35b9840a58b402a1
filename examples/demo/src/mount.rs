//! The endpoints that presign, `/presignedUrl`.

use std::future::ready;
use std::time::Duration;

use presign_layer::{Ask, BuildError, Permit, Policy, PresignLayer, Store};

use crate::args::Args;

/// Anybody may upload, which is right for a demo on one's own machine and for little else.
pub(crate) fn layer(store: Store, args: &Args) -> Result<PresignLayer, BuildError> {
    let capabilities = store.capabilities();
    let writes_on_condition = match &args.pending_prefix {
        None => capabilities.conditional_writes(),
        Some(_) => capabilities.conditional_copy() || capabilities.conditional_complete(),
    };
    let mut layer = PresignLayer::builder(store)
        .policy(policy(args))
        .authorize(move |ask| ready(Ok(permit(&ask, writes_on_condition))));
    if let Some(parts) = args.parts_per_request {
        layer = layer.parts_per_request(parts);
    }
    if args.downloads {
        layer = layer.downloads();
    }
    layer.build()
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
    if args.check_content {
        policy = policy.check_content();
    }
    if let Some(bytes) = args.multipart_threshold {
        policy = policy.multipart_threshold(bytes);
    }
    if let Some(bytes) = args.post_below {
        policy = policy.post_below(bytes);
    }
    if let Some(bytes) = args.part_size {
        policy = policy.part_size(bytes);
    }
    if let Some(seconds) = args.resumable_for {
        policy = policy.resumable_for(Duration::from_secs(seconds));
    }
    if let Some(prefix) = &args.pending_prefix {
        policy = policy.pending_prefix(prefix);
    }
    if args.unverified {
        policy = policy.unverified();
    }
    if !args.checksum.md5 {
        policy = policy.no_content_md5();
    }
    if let Some(crc) = args.checksum.crc {
        policy = policy.full_object_checksum(crc);
    }
    policy
}

/// Whoever says a file's size, as every client but the guide's page does, overwrites nothing where the store can be told so.
fn permit(ask: &Ask, writes_on_condition: bool) -> Permit {
    match ask.file.size {
        Some(_) if writes_on_condition => Permit::new().forbid_overwrite(),
        _ => Permit::new(),
    }
}
