//! Direct browser-to-S3 uploads for Tower and Axum: a layer that mounts presigned-URL endpoints into any HTTP application.
//!
//! File bytes go from the browser straight to the store, never through the application, and credentials never reach the browser.
//! The application decides, this crate signs, and the store enforces what was signed: the exact size, the content type, and
//! that nothing is overwritten. Large files go in parts, which can be paused and resumed. The other half is `presign-client`, whose `upload(files)` speaks to these endpoints.
//!
//! # Mount it
//!
//! ```no_run
//! use axum::{Router, routing::get};
//! use presign_layer::{Credentials, Policy, PresignLayer, Store};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = Store::builder("https://s3.eu-central-1.amazonaws.com", "uploads")
//!     .region("eu-central-1")
//!     .credentials(Credentials::from_env()?)
//!     .build()?;
//! let uploads = PresignLayer::builder(store).policy(Policy::new().max_size(50 << 20)).public().build()?;
//! let app: Router = Router::new().route("/", get(|| async { "the page" })).layer(uploads);
//! # Ok(())
//! # }
//! ```
//!
//! The endpoints are now there, and [`protocol`] has their words; errors are `application/problem+json` with a stable
//! [`code`](protocol::ErrorCode):
//!
//! | Request | What it does |
//! |---|---|
//! | `POST /presignedUrl` | grants a batch of files, each in one PUT or in parts |
//! | `POST /presignedUrl/parts` | presigns further parts of an upload |
//! | `POST /presignedUrl/resume` | tells which parts the store has, after a reload |
//! | `POST /presignedUrl/complete` | looks whether a batch of uploads has arrived, makes objects of those in parts, and gives receipts; asked again, it answers the same |
//! | `POST /presignedUrl/abort` | gives an upload up |
//! | `GET /presignedUrl/download?key=` | redirects to the presigned URL of an object, where [`Builder::downloads`] is called |
//! | `GET /presignedUrl/limits` | tells a page what it may send |
//! | `GET /presignedUrl?name=` | answers the one presigned URL that MinIO's guide has, always of a PUT |
//!
//! ## Where it can be mounted
#![doc = include_str!("docs/mounting.md")]
//!
//! # Secure it
#![doc = include_str!("docs/securing.md")]
//!
//! # Trust what arrives
#![doc = include_str!("docs/trusting.md")]
//!
//! # Configure it
#![doc = include_str!("docs/configuring.md")]
//!
//! # Watch it
#![doc = include_str!("docs/observing.md")]
//!
//! # Call it
//!
//! From a page, with the npm package `presign-client`:
//!
//! ```js
//! import { upload } from "presign-client";
//! const results = await upload(input.files, { onProgress: p => bar.value = p.fraction });
//! ```
//!
//! # What it costs the rest of the application
//!
//! A request outside the path is passed on as it is: one comparison of its path, no boxing, no allocation, no clone of the inner service.
//! [`PresignService`] is generic over the request's body and the inner service, and is `Clone` and `Send` where they are.
//!
//! # Features
//!
//! | Feature | Default | What it brings |
//! |---|---|---|
//! | `axum` | no | for Axum 0.8: the extractors [`Received`] and [`ReceivedAll`], by which a handler gets a form with its receipts verified |
//! | `client` | yes | what the server calls the store with: hyper and rustls on Tokio, with timeouts and retries |
//! | `metrics` | no | counters and histograms of what is granted, completed, refused and asked of the store, through the facade of the crate `metrics` |
//! | `openapi` | no | `GET P/openapi.json`: what the endpoints are in OpenAPI's words, for tools and generated clients; the same is in this crate as `openapi.json` |
//! | `system` | yes | the system's clock and randomness |
//! | `timer` | yes | Tokio's timer, for those who are waited for, and its tasks, for what goes on when a client goes away; `client` brings it too |
//!
//! Without `client`, give your own to [`StoreBuilder::client`]. Without `system`, as on `wasm32-unknown-unknown`, give both to [`Builder::clock`] and [`Builder::random`];
//! without `timer`, one to [`Builder::sleep`].

mod answer;
mod authorize;
mod body;
mod builder;
mod completed;
mod content;
mod core;
mod decision;
mod endpoint;
mod environment;
mod finishing;
mod future;
mod hook;
mod key;
mod layer;
mod mount;
mod observe;
mod one_by_one;
#[cfg(feature = "openapi")]
mod openapi;
mod origin;
mod plan;
mod policy;
mod problem;
mod quota;
mod receipt;
#[cfg(feature = "axum")]
mod received;
mod sealed;
mod service;
mod store;
mod timer;
mod token;

pub use authorize::{Action, Ask, FileAsked, ObjectAsked, Permit, Refusal, UploadAsked};
pub use body::ResponseBody;
pub use builder::{BuildError, Builder};
pub use completed::Completed;
pub use future::ResponseFuture;
pub use key::{CustomNaming, InvalidKey, KeyNaming, KeyStrategy, MAX_KEY_BYTES, ObjectKey};
pub use layer::PresignLayer;
pub use policy::{
    DEFAULT_EXPIRY, Disposition, Encryption, MAX_EXPIRY, Policy, PolicyError, PostLength,
};
pub use presign_protocol as protocol;
pub use quota::{InMemoryQuota, Quota, QuotaError, Reservation};
pub use receipt::{
    DEFAULT_RECEIPT_AGE, Receipt, ReceiptError, ReceiptOf, ReceiptVerifier, UnfitObject,
};
#[cfg(feature = "axum")]
pub use received::{MAX_RECEIPTS, ReceiptRejection, ReceiptSubject, Received, ReceivedAll};
pub use service::{NotFound, PresignService};
pub use store::{Capabilities, Credentials, FullObjectChecksums, Store, StoreBuilder, StoreError};

/// Any error, as Tower has it.
pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The README's examples are compiled with this crate's own.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
