//! Making an object of an upload's parts.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::sync::Arc;

use axum::http::header;
use s3s::dto::{
    Checksum, ChecksumType, CompleteMultipartUploadInput, CompleteMultipartUploadOutput,
    CompletedPart, ETag,
};
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::super::algorithm::{Algorithm, sums_in};
use super::super::folder::Folder;
use super::super::gate::Gate;
use super::super::keys;
use super::super::objects::Objects;
use super::super::put::may_overwrite;
use super::super::scratch::Scratch;
use super::super::sidecar;
use super::shelf::Shelf;
use super::upload::{Over, Part, Summing, Upload};
use super::{join, whole};

/// What every part but the last has at least, 5 MiB.
const MIN_PART: u64 = 5 * 1024 * 1024;

impl Objects {
    pub(in super::super) async fn complete_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        let host = request.headers.get(header::HOST);
        let host = host.and_then(|host| host.to_str().ok()).unwrap_or_default();
        let location = format!("http://{host}{}", request.uri.path());
        let input = request.input;
        if input.if_match.is_some() {
            return Err(s3_error!(NotImplemented, "If-Match is not implemented"));
        }
        self.check_bucket(&input.bucket)?;
        let may_overwrite = may_overwrite(input.if_none_match.as_ref())?;
        let completion = Completion {
            gate: self.gate(&input.bucket, &input.key, may_overwrite)?,
            shelf: Arc::clone(self.shelf()),
            folder: self.shared().0,
            input,
        };
        // A client that hangs up must not leave half the work, and not its locks open.
        let completed = tokio::spawn(completion.run()).await;
        let mut output = completed.map_err(S3Error::internal_error)??;
        output.location = Some(location);
        Ok(S3Response::new(output))
    }
}

struct Completion {
    shelf: Arc<Shelf>,
    folder: Arc<Folder>,
    gate: Gate,
    input: CompleteMultipartUploadInput,
}

impl Completion {
    async fn run(self) -> S3Result<CompleteMultipartUploadOutput> {
        let (bucket, key, id) = (&self.input.bucket, &self.input.key, &self.input.upload_id);
        let list = self.input.multipart_upload.as_ref();
        let list = list.and_then(|list| list.parts.as_deref());
        let list = list.filter(|list| !list.is_empty()).ok_or_else(|| {
            s3_error!(
                MalformedXML,
                "The XML you provided was not well-formed or did not validate against our published schema"
            )
        })?;
        let _alone = self.shelf.lock(id).await;
        let upload = self.shelf.find(bucket, key, id)?;
        let (uploads, same_id) = (Arc::clone(&self.shelf), id.clone());
        let there = super::blocking(move || uploads.parts(&same_id)).await?;
        let parts = choose(list, &there, upload.summing)?;
        let size = self.check_sizes(&parts)?;
        let etag = whole::etag(&parts);
        let checksum = self.checksum(upload.summing, &parts)?;
        // Early, before all the copying; what counts is the same check at its end.
        self.gate.check()?;

        let files = parts.iter().map(|part| self.shelf.bytes(id, part));
        let joined = join::join(self.shelf.scratch(), files.collect()).await?;
        if self.gate.pass().await.is_err() {
            let refusal = self.gate.refusal();
            return Err(refusal.unwrap_or_else(|| s3_error!(InternalError)));
        }
        self.place(joined, &upload, &etag, checksum.clone())
            .map_err(S3Error::internal_error)?;
        let (uploads, same_id) = (Arc::clone(&self.shelf), id.clone());
        if let Err(error) = super::blocking(move || uploads.remove(&same_id)).await {
            // The object is there: that is what the client has to know.
            tracing::warn!(%error, "a completed upload could not be removed");
        }
        tracing::info!(bucket, key, size, parts = parts.len(), "stored from parts");
        Ok(CompleteMultipartUploadOutput {
            bucket: Some(bucket.clone()),
            key: Some(key.clone()),
            e_tag: Some(ETag::Strong(etag)),
            checksum_crc32: checksum.checksum_crc32,
            checksum_crc32c: checksum.checksum_crc32c,
            checksum_crc64nvme: checksum.checksum_crc64nvme,
            checksum_sha1: checksum.checksum_sha1,
            checksum_sha256: checksum.checksum_sha256,
            checksum_type: upload.summing.map(Summing::type_name),
            ..CompleteMultipartUploadOutput::default()
        })
    }

    fn check_sizes(&self, parts: &[Part]) -> S3Result<u64> {
        let but_the_last = parts.split_last().map_or(&[][..], |(_, before)| before);
        if but_the_last.iter().any(|part| part.size < MIN_PART) {
            return Err(s3_error!(
                EntityTooSmall,
                "Your proposed upload is smaller than the minimum allowed size"
            ));
        }
        let size = parts.iter().map(|part| part.size).sum();
        let expected = self.input.mpu_object_size;
        if expected.is_some_and(|expected| u64::try_from(expected) != Ok(size)) {
            return Err(s3_error!(
                InvalidRequest,
                "The provided 'x-amz-mp-object-size' header does not match what was computed: the parts have {size} bytes"
            ));
        }
        Ok(size)
    }

    /// The object's checksum, which has to be the one that the request declares, if it does.
    fn checksum(&self, summing: Option<Summing>, parts: &[Part]) -> S3Result<Checksum> {
        let mut declared = sums_in!(self.input);
        let mode = self.input.checksum_type.as_ref().map(ChecksumType::as_str);
        if mode.is_some_and(|mode| summing.is_none_or(|summing| summing.over.name() != mode)) {
            return Err(s3_error!(
                InvalidRequest,
                "The upload was created using {} checksum mode. The complete request must use the same checksum mode.",
                summing.map_or("no", |summing| summing.over.name())
            ));
        }
        let expected = summing.map(|summing| summing.algorithm);
        let other = Algorithm::ALL
            .into_iter()
            .find(|other| Some(*other) != expected && other.sum(&mut declared).is_some());
        if let Some(other) = other {
            return Err(s3_error!(
                InvalidRequest,
                "The upload was created using {} checksum, so the complete request cannot have a {} checksum.",
                expected.map_or("no", Algorithm::name),
                other.name()
            ));
        }
        let Some(summing) = summing else {
            return Ok(Checksum::default());
        };
        let sum = whole::checksum(summing, parts)?;
        // Where it is over the parts, their number may be left out.
        let fits = |declared: &str| match summing.over {
            Over::Bytes => declared == sum,
            Over::Parts => {
                declared == sum || sum.rsplit_once('-').is_some_and(|(it, _)| it == declared)
            }
        };
        match summing.algorithm.sum(&mut declared) {
            Some(declared) if !fits(declared) => Err(s3_error!(
                BadDigest,
                "The {} you specified did not match the calculated checksum.",
                summing.algorithm.name()
            )),
            _ => Ok(summing.algorithm.alone(Some(sum))),
        }
    }

    /// The metadata first: an object that was not there before is never there without it.
    fn place(
        &self,
        joined: Scratch,
        upload: &Upload,
        etag: &str,
        checksum: Checksum,
    ) -> io::Result<()> {
        let stored = keys::stored(&upload.bucket, &upload.key).map_err(io::Error::other)?;
        let path = self.folder.object(&upload.bucket, &stored.name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent)?;
        }
        sidecar::write(
            (&self.folder, self.shelf.scratch()),
            (&upload.bucket, &stored.name),
            &serde_json::to_vec(&upload.attributes)?,
            etag,
            checksum,
        )?;
        joined.keep_as(&path)
    }
}

/// The parts that the list names, in its order.
///
/// # Errors
///
/// `InvalidPartOrder`, `InvalidPart`; `InvalidRequest` where a part's checksum is missing.
fn choose(
    list: &[CompletedPart],
    there: &BTreeMap<i32, Part>,
    summing: Option<Summing>,
) -> S3Result<Vec<Part>> {
    let number = |listed: &CompletedPart| listed.part_number.unwrap_or_default();
    if list
        .windows(2)
        .any(|two| number(&two[0]) >= number(&two[1]))
    {
        return Err(s3_error!(
            InvalidPartOrder,
            "The list of parts was not in ascending order. The parts list must be specified in order by part number."
        ));
    }
    let find = |listed: &CompletedPart| {
        let part = there.get(&number(listed));
        let etag = listed.e_tag.as_ref().map(ETag::value);
        let part = part.filter(|part| etag == Some(&*part.etag()));
        let mut declared = sums_in!(listed);
        let summed_over_parts = summing.filter(|summing| summing.over == Over::Parts);
        if let Some(summing) = summed_over_parts
            && summing.algorithm.sum(&mut declared).is_none()
        {
            return Err(s3_error!(
                InvalidRequest,
                "The upload was created using a {} checksum. The complete request must include the checksum for each part. \
                 It was missing for part {} in the request.",
                summing.algorithm.name().to_lowercase(),
                number(listed)
            ));
        }
        let sums = part.map(|part| match summing {
            Some(summing) => summing.algorithm.alone(part.sum.clone()),
            None => Checksum::default(),
        });
        let fits = sums.is_some_and(|mut sums| {
            Algorithm::ALL.into_iter().all(|algorithm| {
                let declared = algorithm.sum(&mut declared);
                declared.is_none() || declared == algorithm.sum(&mut sums)
            })
        });
        part.filter(|_| fits).cloned().ok_or_else(|| {
            s3_error!(
                InvalidPart,
                "One or more of the specified parts could not be found. The part may not have been uploaded, \
                 or the specified entity tag may not match the part's entity tag. Part {}.",
                number(listed)
            )
        })
    };
    list.iter().map(find).collect()
}
