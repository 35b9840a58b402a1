//! Storing a part: whole and verified, or as it was before.

use futures_util::StreamExt;
use s3s::dto::{ETag, UploadPartInput, UploadPartOutput};
use s3s::{S3Error, S3Request, S3Response, S3Result, s3_error};
use tokio::io::{AsyncWriteExt, BufWriter};

use super::super::algorithm::{Algorithm, sums_in};
use super::super::checksum::Sums;
use super::super::objects::Objects;
use super::super::put::{broken_off, check_size};
use super::upload::{Over, Part, Summing};

/// Bytes that go to the disk at once.
const BUFFER: usize = 256 * 1024;

impl Objects {
    pub(in super::super) async fn store_part(
        &self,
        request: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        let mut input = request.input;
        let (number, id) = (input.part_number, input.upload_id.clone());
        check_number(number)?;
        check_size(input.content_length)?;
        self.check_bucket(&input.bucket)?;
        let upload = self.shelf().find(&input.bucket, &input.key, &id)?;
        check_algorithm(&input, upload.summing)?;
        let algorithm = upload.summing.map(|summing| summing.algorithm);
        let mut sums = Sums::declared_by(
            input.content_md5.as_deref(),
            sums_in!(input),
            input.checksum_algorithm.as_ref(),
            request.trailing_headers,
        )?
        .also(algorithm);
        let mut body = input.body.take().ok_or_else(|| s3_error!(IncompleteBody))?;

        let scratch = self.shelf().scratch().file();
        let (scratch, file) = scratch.map_err(S3Error::internal_error)?;
        let mut file = BufWriter::with_capacity(BUFFER, tokio::fs::File::from_std(file));
        let mut size = 0;
        while let Some(bytes) = body.next().await {
            let bytes = bytes.map_err(broken_off)?;
            sums.update(&bytes);
            size += bytes.len() as u64;
            file.write_all(&bytes)
                .await
                .map_err(S3Error::internal_error)?;
        }
        file.flush().await.map_err(S3Error::internal_error)?;
        drop(file);

        let mut found = sums.verify()?;
        let part = Part::stored(number, &scratch, size, &mut found, algorithm)?;
        let _alone = self.shelf().lock(&id).await;
        self.shelf().keep_part(&id, number, scratch, &part)?;
        tracing::debug!(
            bucket = input.bucket,
            key = input.key,
            number,
            size,
            "stored a part"
        );
        Ok(S3Response::new(UploadPartOutput {
            e_tag: Some(ETag::Strong(part.etag())),
            checksum_crc32: found.checksum.checksum_crc32,
            checksum_crc32c: found.checksum.checksum_crc32c,
            checksum_crc64nvme: found.checksum.checksum_crc64nvme,
            checksum_sha1: found.checksum.checksum_sha1,
            checksum_sha256: found.checksum.checksum_sha256,
            ..UploadPartOutput::default()
        }))
    }
}

pub(super) fn check_number(number: i32) -> S3Result<()> {
    if (1..=10_000).contains(&number) {
        Ok(())
    } else {
        Err(s3_error!(
            InvalidArgument,
            "Part number must be an integer between 1 and 10000, inclusive"
        ))
    }
}

/// A part may only declare the sum that the upload was created with, and must where the object's sum is made of them.
fn check_algorithm(input: &UploadPartInput, summing: Option<Summing>) -> S3Result<()> {
    let expected = summing.map(|summing| summing.algorithm);
    let mut declared = sums_in!(input);
    let named = input.checksum_algorithm.as_ref().and_then(Algorithm::of);
    let mut actual = Algorithm::ALL
        .into_iter()
        .filter(|algorithm| algorithm.sum(&mut declared).is_some() || named == Some(*algorithm));
    let first = actual.next();
    let wrong = actual.chain(first).find(|actual| Some(*actual) != expected);
    let missing = first.is_none() && summing.is_some_and(|summing| summing.over == Over::Parts);
    if wrong.is_none() && !missing {
        return Ok(());
    }
    let name = |algorithm: Option<Algorithm>| {
        algorithm.map_or_else(|| "null".to_owned(), |it| it.name().to_lowercase())
    };
    Err(s3_error!(
        InvalidRequest,
        "Checksum Type mismatch occurred, expected checksum Type: {}, actual checksum Type: {}",
        name(expected),
        name(wrong)
    ))
}
