//! What there is of uploads.

use std::sync::Arc;

use s3s::dto::{
    ETag, Initiator, ListMultipartUploadsInput, ListMultipartUploadsOutput, ListPartsInput,
    ListPartsOutput, MultipartUpload, Owner, Part as ListedPart, StorageClass,
};
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};

use super::super::objects::Objects;
use super::upload::{Part, Summing, Upload};

/// The most, and without a wish the usual, that one answer lists.
const PAGE: i32 = 1000;

/// The store has one user.
const OWNER: &str = "presign-demo";

impl Objects {
    pub(in super::super) async fn list_the_parts(
        &self,
        request: S3Request<ListPartsInput>,
    ) -> S3Result<S3Response<ListPartsOutput>> {
        let input = request.input;
        let max = page("max-parts", input.max_parts)?;
        let marker = input.part_number_marker.unwrap_or_default();
        self.check_bucket(&input.bucket)?;
        let upload = self
            .shelf()
            .find(&input.bucket, &input.key, &input.upload_id)?;
        let (all, id) = (Arc::clone(self.shelf()), input.upload_id.clone());
        let parts = super::blocking(move || all.parts(&id)).await?;
        let mut parts = parts.into_iter().filter(|(number, _)| *number > marker);
        let algorithm = upload.summing.map(|summing| summing.algorithm);
        let listed: Vec<ListedPart> = parts
            .by_ref()
            .take(max)
            .map(|(number, part)| {
                let Part {
                    size,
                    sum,
                    last_modified,
                    ..
                } = &part;
                let sums = algorithm.map(|algorithm| algorithm.alone(sum.clone()));
                let sums = sums.unwrap_or_default();
                ListedPart {
                    part_number: Some(number),
                    e_tag: Some(ETag::Strong(part.etag())),
                    size: i64::try_from(*size).ok(),
                    last_modified: Some(last_modified.clone()),
                    checksum_crc32: sums.checksum_crc32,
                    checksum_crc32c: sums.checksum_crc32c,
                    checksum_crc64nvme: sums.checksum_crc64nvme,
                    checksum_sha1: sums.checksum_sha1,
                    checksum_sha256: sums.checksum_sha256,
                }
            })
            .collect();
        let last = listed.last().and_then(|part| part.part_number);
        Ok(S3Response::new(ListPartsOutput {
            bucket: Some(input.bucket),
            key: Some(input.key),
            upload_id: Some(input.upload_id),
            part_number_marker: Some(marker),
            next_part_number_marker: Some(last.unwrap_or_default()),
            max_parts: i32::try_from(max).ok(),
            // Where nothing is asked for, nothing follows.
            is_truncated: Some(max > 0 && parts.next().is_some()),
            parts: Some(listed),
            checksum_algorithm: upload.summing.map(Summing::algorithm_name),
            checksum_type: upload.summing.map(Summing::type_name),
            initiator: Some(initiator()),
            owner: Some(owner()),
            storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
            ..ListPartsOutput::default()
        }))
    }

    pub(in super::super) async fn list_the_uploads(
        &self,
        request: S3Request<ListMultipartUploadsInput>,
    ) -> S3Result<S3Response<ListMultipartUploadsOutput>> {
        let input = request.input;
        if input.delimiter.is_some() {
            return Err(s3_error!(
                NotImplemented,
                "Uploads can be listed by prefix, not with a delimiter"
            ));
        }
        let max = page("max-uploads", input.max_uploads)?;
        self.check_bucket(&input.bucket)?;
        let (all, bucket) = (Arc::clone(self.shelf()), input.bucket.clone());
        let uploads =
            super::blocking(move || all.all(&bucket).map_err(S3Error::internal_error)).await?;
        let prefix = input.prefix.as_deref().unwrap_or_default();
        let after = After::new(&input, &uploads);
        let mut uploads = uploads
            .iter()
            .enumerate()
            .filter(|(at, (_, upload))| after.covers(*at, upload) && upload.key.starts_with(prefix))
            .map(|(_, found)| found);
        let listed: Vec<MultipartUpload> =
            uploads.by_ref().take(max).map(multipart_upload).collect();
        let last = listed.last().filter(|_| uploads.next().is_some());
        Ok(S3Response::new(ListMultipartUploadsOutput {
            is_truncated: Some(last.is_some()),
            next_key_marker: last.and_then(|last| last.key.clone()),
            next_upload_id_marker: last.and_then(|last| last.upload_id.clone()),
            max_uploads: i32::try_from(max).ok(),
            uploads: Some(listed),
            bucket: Some(input.bucket),
            prefix: input.prefix,
            key_marker: Some(input.key_marker.unwrap_or_default()),
            upload_id_marker: Some(input.upload_id_marker.unwrap_or_default()),
            ..ListMultipartUploadsOutput::default()
        }))
    }
}

/// Where the answer before ended.
enum After<'a> {
    /// At this place of the whole list.
    Place(usize),
    /// With this key's uploads.
    Key(&'a str),
    /// There was none.
    Nothing,
}

impl<'a> After<'a> {
    fn new(input: &'a ListMultipartUploadsInput, uploads: &[(String, Upload)]) -> Self {
        let filled = |marker: &'a Option<String>| marker.as_deref().filter(|it| !it.is_empty());
        let Some(key) = filled(&input.key_marker) else {
            return Self::Nothing;
        };
        let place = filled(&input.upload_id_marker).and_then(|marker| {
            uploads
                .iter()
                .position(|(id, upload)| id == marker && upload.key == key)
        });
        place.map_or(Self::Key(key), Self::Place)
    }

    fn covers(&self, at: usize, upload: &Upload) -> bool {
        match self {
            Self::Place(place) => at > *place,
            Self::Key(key) => upload.key.as_str() > *key,
            Self::Nothing => true,
        }
    }
}

fn multipart_upload((id, upload): &(String, Upload)) -> MultipartUpload {
    MultipartUpload {
        key: Some(upload.key.clone()),
        upload_id: Some(id.clone()),
        initiated: Some(upload.initiated.clone()),
        checksum_algorithm: upload.summing.map(Summing::algorithm_name),
        checksum_type: upload.summing.map(Summing::type_name),
        initiator: Some(initiator()),
        owner: Some(owner()),
        storage_class: Some(StorageClass::from_static(StorageClass::STANDARD)),
    }
}

fn page(name: &str, wish: Option<i32>) -> S3Result<usize> {
    let wish = wish.unwrap_or(PAGE).min(PAGE);
    usize::try_from(wish).map_err(|_| {
        s3_error!(
            InvalidArgument,
            "Argument {name} must be an integer between 0 and 2147483647"
        )
    })
}

fn owner() -> Owner {
    Owner {
        id: Some(OWNER.to_owned()),
        display_name: Some(OWNER.to_owned()),
    }
}

fn initiator() -> Initiator {
    Initiator {
        id: Some(OWNER.to_owned()),
        display_name: Some(OWNER.to_owned()),
    }
}
