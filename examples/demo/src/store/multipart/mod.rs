//! Objects that come in parts.
//!
//! An upload is a folder, `.presign-demo/uploads/ID`, so it outlives the process. In it `upload.json` says what the object will be, and each
//! part has its bytes and a `NUMBER.json` that names them: a part is replaced by replacing that one file. Bytes on their way are
//! elsewhere until they are whole and verified.
//!
//! | module | what it does |
//! |---|---|
//! | [`upload`] | what is remembered of an upload and of its parts |
//! | [`shelf`] | keeps and finds them on disk |
//! | [`create`], [`part`], [`copy`], [`list`], [`complete`] | S3's operations |
//! | [`whole`] | the object's `ETag` and checksum, from those of its parts |
//! | [`join`] | makes one file of the parts |

mod complete;
mod copy;
mod create;
mod join;
mod list;
mod part;
mod shelf;
mod upload;
mod whole;

pub(super) use shelf::Shelf;

use s3s::{S3Error, S3Result};

/// Runs what waits for the disk where it holds up nobody.
pub(super) async fn blocking<T: Send + 'static>(
    run: impl FnOnce() -> S3Result<T> + Send + 'static,
) -> S3Result<T> {
    let ran = tokio::task::spawn_blocking(run).await;
    ran.map_err(S3Error::internal_error)?
}
