//! Beginning an upload, and giving it up.

use std::time::SystemTime;

use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CreateMultipartUploadInput,
    CreateMultipartUploadOutput, Timestamp,
};
use s3s::{S3Error, S3Request, S3Response, S3Result};

use super::super::objects::Objects;
use super::super::sidecar::Attributes;
use super::upload::{Summing, Upload};

impl Objects {
    pub(in super::super) fn create_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        let input = request.input;
        let summing = Summing::asked_for(
            input.checksum_algorithm.as_ref(),
            input.checksum_type.as_ref(),
        )?;
        // What can never be completed is refused before anybody sends gigabytes.
        self.gate(&input.bucket, &input.key, true)?.check()?;
        let upload = Upload {
            bucket: input.bucket,
            key: input.key,
            initiated: Timestamp::from(SystemTime::now()),
            attributes: Attributes {
                user_metadata: input.metadata,
                content_encoding: input.content_encoding,
                content_type: input.content_type,
                content_disposition: input.content_disposition,
                content_language: input.content_language,
                cache_control: input.cache_control,
                expires: input.expires,
                website_redirect_location: input.website_redirect_location,
            },
            summing,
        };
        let created = self.shelf().create(&upload);
        let id = created.map_err(S3Error::internal_error)?;
        tracing::debug!(bucket = upload.bucket, key = upload.key, "comes in parts");
        Ok(S3Response::new(CreateMultipartUploadOutput {
            bucket: Some(upload.bucket),
            key: Some(upload.key),
            upload_id: Some(id),
            checksum_algorithm: summing.map(Summing::algorithm_name),
            checksum_type: summing.map(Summing::type_name),
            ..CreateMultipartUploadOutput::default()
        }))
    }

    pub(in super::super) async fn abort_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let input = request.input;
        self.check_bucket(&input.bucket)?;
        let _alone = self.shelf().lock(&input.upload_id).await;
        self.shelf()
            .find(&input.bucket, &input.key, &input.upload_id)?;
        self.shelf().remove(&input.upload_id)?;
        tracing::debug!(bucket = input.bucket, key = input.key, "was given up");
        Ok(S3Response::new(AbortMultipartUploadOutput::default()))
    }
}
