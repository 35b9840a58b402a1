//! The words that `presign-layer` (the server) and `presign-client` (the browser) speak.
//!
//! No I/O, no clock, no S3: types, error codes and the few constants that both sides must agree on. `P` below is the
//! path that the endpoints are mounted at, [`DEFAULT_PATH`] unless changed. JSON is in camelCase; times are seconds from
//! the answer, so a browser whose clock is wrong is not misled.
//!
//! | Request | Body | Answer |
//! |---|---|---|
//! | `GET P?name=` | | the presigned URL alone as `text/plain`, or one [`Grant`] with `Accept: application/json` |
//! | `GET P/limits` | | [`Limits`] |
//! | `POST P` | [`GrantRequest`] | [`GrantResponse`]: one [`GrantAnswer`] for each file, in the same order |
//! | `POST P/parts` | [`PartsRequest`] | [`PartsResponse`]: presigned URLs of further parts |
//! | `POST P/resume` | [`TokenRequest`] | [`ResumeResponse`]: the parts that the store has |
//! | `POST P/complete` | [`CompleteRequest`] | [`CompleteResponse`]: one [`CompleteAnswer`] for each upload, in the same order |
//! | `POST P/abort` | [`TokenRequest`] | 204 |
//! | `GET P/download?key=` | | 302 to the presigned URL, or [`DownloadResponse`] with `Accept: application/json` |
//! | `GET P/openapi.json` | | all of this as an OpenAPI document, where the server gives one |
//!
//! A request that fails as a whole is answered with a [`Problem`] (RFC 9457); a file that is refused gets a
//! [`FileError`] in its place. Both carry an [`ErrorCode`], whose spelling never changes.
//!
//! # Features
//!
//! | Feature | Default | What it brings |
//! |---|---|---|
//! | `serde` | no | `Serialize` and `Deserialize` on every type |
//! | `schema` | no | `schemars::JsonSchema` on every type |
#![cfg_attr(
    feature = "serde",
    doc = r##"
# Example

```
use presign_protocol::{GrantAnswer, GrantRequest, GrantResponse, ErrorCode};

let request: GrantRequest = serde_json::from_str(r#"{"files":[{"name":"a.png","size":123,"type":"image/png"}]}"#)?;
assert_eq!(request.files[0].name, "a.png");

let answer: GrantResponse = serde_json::from_str(
    r#"{"grants":[{"error":{"code":"file_too_large","message":"123 bytes are too many","maxSize":100}}]}"#,
)?;
let GrantAnswer::Refused { error } = &answer.grants[0] else { panic!("this file is refused") };
assert_eq!(error.code, ErrorCode::FileTooLarge);
assert_eq!(error.extensions.max_size, Some(100));
# Ok::<(), serde_json::Error>(())
```
"##
)]
#![no_std]

extern crate alloc;

mod answer;
mod code;
mod completed;
mod crc;
mod download;
mod error;
#[cfg(feature = "serde")]
mod number;
#[cfg(feature = "serde")]
mod object;
mod post;
mod request;

pub use answer::{
    Checksums, Grant, GrantAnswer, GrantResponse, Limits, MultipartGrant, PartsResponse, PutGrant,
    ResumeResponse, StoredPart,
};
pub use code::{ErrorCode, UnknownErrorCode};
pub use completed::{CompleteAnswer, CompleteResponse, CompletedUpload, ObjectChecksum};
pub use crc::{Crc, UnknownCrc};
pub use download::DownloadResponse;
pub use error::{Extensions, FileError, Problem};
pub use post::PostGrant;
pub use request::{
    CompleteRequest, FileSpec, GrantRequest, Metadata, PartsRequest, SentUpload, TokenRequest,
};

/// Where the endpoints are mounted unless the application says otherwise: the path of the guide that this project
/// starts from.
pub const DEFAULT_PATH: &str = "/presignedUrl";

/// Below the mount point: what may be uploaded.
pub const LIMITS_PATH: &str = "/limits";

/// Below the mount point: presigned URLs of further parts.
pub const PARTS_PATH: &str = "/parts";

/// Below the mount point: how far an upload is.
pub const RESUME_PATH: &str = "/resume";

/// Below the mount point: uploads become objects.
pub const COMPLETE_PATH: &str = "/complete";

/// Below the mount point: an upload is given up.
pub const ABORT_PATH: &str = "/abort";

/// Below the mount point: what all of these are, as an OpenAPI document.
pub const OPENAPI_PATH: &str = "/openapi.json";

/// Below the mount point: an object is read.
pub const DOWNLOAD_PATH: &str = "/download";

/// The fewest bytes of a part that is not the last: 5 MiB.
///
/// Source, of the three that follow too: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>
pub const MIN_PART_SIZE: u64 = 5 * 1024 * 1024;

/// The most bytes of a part: 5 GiB.
pub const MAX_PART_SIZE: u64 = 5 * 1024 * 1024 * 1024;

/// The most parts of an upload.
pub const MAX_PARTS: u32 = 10_000;

/// The largest object, in bytes, that parts can make: 5 TiB.
pub const MAX_OBJECT_SIZE: u64 = 5 * 1024 * 1024 * 1024 * 1024;

/// The largest object, in bytes, that one PUT can store: 5 GiB.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html>
pub const MAX_PUT_SIZE: u64 = 5 * 1024 * 1024 * 1024;

/// Files that one request may ask for, unless the server says otherwise in [`Limits::max_files`].
pub const DEFAULT_MAX_FILES: usize = 100;
