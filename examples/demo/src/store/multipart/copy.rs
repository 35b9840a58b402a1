//! A part that is copied from an object.

use std::ops::Range;

use s3s::dto::{CopyPartResult, ETag, UploadPartCopyInput, UploadPartCopyOutput};
use s3s::{S3Request, S3Response, S3Result, s3_error};

use super::super::objects::Objects;
use super::super::source::{Wanted, check_copied};
use super::part::check_number;
use super::upload::Part;

impl Objects {
    pub(in super::super) async fn copy_part(
        &self,
        request: S3Request<UploadPartCopyInput>,
    ) -> S3Result<S3Response<UploadPartCopyOutput>> {
        let input = request.input;
        let (number, id) = (input.part_number, input.upload_id.clone());
        check_number(number)?;
        self.check_bucket(&input.bucket)?;
        let upload = self.shelf().find(&input.bucket, &input.key, &id)?;
        let source = self
            .source(Wanted {
                source: &input.copy_source,
                if_match: input.copy_source_if_match.as_ref(),
                otherwise: input.copy_source_if_none_match.is_some()
                    || input.copy_source_if_modified_since.is_some()
                    || input.copy_source_if_unmodified_since.is_some(),
            })
            .await?;
        let bytes = match &input.copy_source_range {
            None => 0..source.size,
            Some(range) => within(range, source.size)?,
        };
        let size = bytes.end - bytes.start;
        check_copied(size)?;
        let algorithm = upload.summing.map(|summing| summing.algorithm);
        let (scratch, mut found) = source
            .copy(self.shelf().scratch(), bytes, algorithm)
            .await?;
        let part = Part::stored(number, &scratch, size, &mut found, algorithm)?;
        let _alone = self.shelf().lock(&id).await;
        self.shelf().keep_part(&id, number, scratch, &part)?;
        tracing::debug!(
            bucket = input.bucket,
            key = input.key,
            number,
            size,
            "stored a copied part"
        );
        Ok(S3Response::new(UploadPartCopyOutput {
            copy_part_result: Some(CopyPartResult {
                e_tag: Some(ETag::Strong(part.etag())),
                last_modified: Some(part.last_modified),
                checksum_crc32: found.checksum.checksum_crc32,
                checksum_crc32c: found.checksum.checksum_crc32c,
                checksum_crc64nvme: found.checksum.checksum_crc64nvme,
                checksum_sha1: found.checksum.checksum_sha1,
                checksum_sha256: found.checksum.checksum_sha256,
            }),
            ..UploadPartCopyOutput::default()
        }))
    }
}

/// `bytes=FIRST-LAST`, both there, as S3 has it here.
///
/// # Errors
///
/// `InvalidArgument`, for a range beyond the source too.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_UploadPartCopy.html>
fn within(range: &str, size: u64) -> S3Result<Range<u64>> {
    let refused = || {
        s3_error!(
            InvalidArgument,
            "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of \
             the first and last bytes to copy, and lie within the source, which has {size} bytes"
        )
    };
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u64>().ok()).flatten()
    };
    let (first, last) = range
        .strip_prefix("bytes=")
        .and_then(|range| range.split_once('-'))
        .and_then(|(first, last)| Some((number(first)?, number(last)?)))
        .ok_or_else(refused)?;
    if first > last || last >= size {
        return Err(refused());
    }
    Ok(first..last + 1)
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn a_range_names_its_first_and_its_last_byte() {
        assert_eq!(within("bytes=0-0", 1).unwrap(), 0..1);
        assert_eq!(within("bytes=3-9", 10).unwrap(), 3..10);
        for range in [
            "",
            "bytes=",
            "bytes=0-",
            "bytes=-1",
            "bytes=3-10",
            "bytes=5-4",
            "bytes=+1-2",
            "bytes=0-1,2-3",
            "0-1",
            "bytes=0-18446744073709551615",
            "bytes=0-18446744073709551616",
        ] {
            assert!(within(range, 10).is_err(), "{range}");
        }
        assert!(within("bytes=0-0", 0).is_err());
    }
}
