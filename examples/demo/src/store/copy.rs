//! Copying an object: whole, as it was at one moment, and not over another one if so asked.

use std::fs;
use std::io;
use std::sync::Arc;
use std::time::SystemTime;

use axum::http::{HeaderMap, header};
use s3s::dto::{
    Checksum, CopyObjectInput, CopyObjectOutput, CopyObjectResult, CopySource, ETag,
    MetadataDirective, Timestamp,
};
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::algorithm::Algorithm;
use super::checksum::Found;
use super::folder::Folder;
use super::gate::Gate;
use super::hex::hex;
use super::multipart::Shelf;
use super::objects::Objects;
use super::scratch::Scratch;
use super::sidecar;
use super::source::{Source, Wanted, check_copied};

impl Objects {
    pub(super) async fn copy(
        &self,
        request: S3Request<CopyObjectInput>,
    ) -> S3Result<S3Response<CopyObjectOutput>> {
        let may_overwrite = may_overwrite(&request.headers)?;
        let input = request.input;
        check(&input)?;
        let gate = self.gate(&input.bucket, &input.key, may_overwrite)?;
        let source = self
            .source(Wanted {
                source: &input.copy_source,
                if_match: input.copy_source_if_match.as_ref(),
                otherwise: input.copy_source_if_none_match.is_some()
                    || input.copy_source_if_modified_since.is_some()
                    || input.copy_source_if_unmodified_since.is_some(),
            })
            .await?;
        check_copied(source.size)?;
        // Early, before all the copying; what counts is the same check at its end.
        gate.check()?;
        let copying = Copying {
            folder: self.shared().0,
            shelf: Arc::clone(self.shelf()),
            gate,
            bucket: input.bucket,
            key: input.key,
            source,
        };
        // A client that hangs up must not leave half the work, and not its locks open.
        let copied = tokio::spawn(copying.run()).await;
        let copied = copied.map_err(S3Error::internal_error)??;
        Ok(S3Response::new(CopyObjectOutput {
            copy_object_result: Some(copied),
            ..CopyObjectOutput::default()
        }))
    }
}

/// As `If-None-Match` has it. s3s does not know yet that copies have it too.
///
/// # Errors
///
/// `NotImplemented` for anything but `*`.
fn may_overwrite(headers: &HeaderMap) -> S3Result<bool> {
    if headers.contains_key(header::IF_MATCH) {
        return Err(s3_error!(NotImplemented, "If-Match is not implemented"));
    }
    match headers.get(header::IF_NONE_MATCH) {
        None => Ok(true),
        Some(value) if value == "*" => Ok(false),
        Some(_) => Err(s3_error!(NotImplemented, "If-None-Match can only be `*`")),
    }
}

/// # Errors
///
/// `NotImplemented` for what this store has not, `InvalidRequest` for an object onto itself, as AWS has it where nothing would change.
fn check(input: &CopyObjectInput) -> S3Result<()> {
    let directive = input.metadata_directive.as_ref();
    if directive.is_some_and(|directive| directive.as_str() != MetadataDirective::COPY) {
        return Err(s3_error!(
            NotImplemented,
            "A copy has the metadata of its source: x-amz-metadata-directive can only be `COPY`"
        ));
    }
    match &input.copy_source {
        CopySource::Bucket { bucket, key, .. }
            if **bucket == *input.bucket && **key == *input.key =>
        {
            Err(s3_error!(
                InvalidRequest,
                "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, \
                 storage class, website redirect location or encryption attributes."
            ))
        }
        _ => Ok(()),
    }
}

struct Copying {
    folder: Arc<Folder>,
    shelf: Arc<Shelf>,
    gate: Gate,
    bucket: String,
    key: String,
    source: Source,
}

impl Copying {
    async fn run(self) -> S3Result<CopyObjectResult> {
        let Self {
            folder,
            shelf,
            gate,
            bucket,
            key,
            mut source,
        } = self;
        let size = source.size;
        let attributes = std::mem::take(&mut source.attributes);
        let mut sums = source.checksum.clone();
        let algorithm = Algorithm::ALL
            .into_iter()
            .find(|algorithm| algorithm.sum(&mut sums).is_some());
        let (scratch, found) = source.copy(shelf.scratch(), 0..size, algorithm).await?;
        if gate.pass().await.is_err() {
            let refusal = gate.refusal();
            return Err(refusal.unwrap_or_else(|| s3_error!(InternalError)));
        }
        let etag = etag(&found)?;
        // Of one sum over the parts' sums there is one over the bytes now, as at AWS.
        let checksum = algorithm.map_or_else(Checksum::default, |algorithm| {
            algorithm.alone(algorithm.sum(&mut found.checksum.clone()).take())
        });
        place(
            (&folder, &shelf),
            (&bucket, gate.name()),
            scratch,
            &attributes,
            &etag,
            checksum.clone(),
        )
        .map_err(S3Error::internal_error)?;
        tracing::info!(bucket, key, size, "stored a copy");
        Ok(CopyObjectResult {
            e_tag: Some(ETag::Strong(etag)),
            last_modified: Some(Timestamp::from(SystemTime::now())),
            checksum_crc32: checksum.checksum_crc32,
            checksum_crc32c: checksum.checksum_crc32c,
            checksum_crc64nvme: checksum.checksum_crc64nvme,
            checksum_sha1: checksum.checksum_sha1,
            checksum_sha256: checksum.checksum_sha256,
            ..CopyObjectResult::default()
        })
    }
}

/// Of the bytes, whatever the source's was.
fn etag(found: &Found) -> S3Result<String> {
    let md5 = found.md5.ok_or_else(|| s3_error!(InternalError))?;
    Ok(hex(&md5))
}

/// The metadata first: an object that was not there before is never there without it.
fn place(
    (folder, shelf): (&Folder, &Shelf),
    (bucket, name): (&str, &str),
    copied: Scratch,
    attributes: &[u8],
    etag: &str,
    checksum: Checksum,
) -> io::Result<()> {
    let path = folder.object(bucket, name);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    sidecar::write(
        (folder, shelf.scratch()),
        (bucket, name),
        attributes,
        etag,
        checksum,
    )?;
    copied.keep_as(&path)
}
