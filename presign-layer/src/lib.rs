//! Stub docs.
mod answer;
mod authorize;
mod body;
mod builder;
mod core;
mod decision;
mod endpoint;
mod environment;
mod future;
mod key;
mod layer;
mod mount;
mod policy;
mod service;
mod store;

pub use authorize::{Ask, FileAsked, Permit, Refusal};
pub use body::ResponseBody;
pub use builder::{BuildError, Builder};
pub use future::ResponseFuture;
pub use key::{CustomNaming, InvalidKey, KeyNaming, KeyStrategy, MAX_KEY_BYTES, ObjectKey};
pub use layer::PresignLayer;
pub use policy::{DEFAULT_EXPIRY, Disposition, Encryption, MAX_EXPIRY, Policy, PolicyError};
pub use presign_protocol as protocol;
pub use service::{NotFound, PresignService};
pub use store::{Credentials, Store, StoreBuilder, StoreError};

/// Any error, as Tower has it.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;
