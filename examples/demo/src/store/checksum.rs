//! What an upload says its bytes sum up to.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::{Checksum, ChecksumAlgorithm, PutObjectInput};
use s3s::{S3Result, TrailingHeaders, s3_error};

/// The sums that an upload declared, and those of the bytes so far. s3s-fs compares them too, but only once the object has been replaced.
pub(super) struct Sums {
    md5: Option<([u8; 16], Md5)>,
    declared: Checksum,
    hasher: ChecksumHasher,
    trailers: Option<TrailingHeaders>,
}

impl Sums {
    /// # Errors
    ///
    /// `InvalidDigest` for a `Content-MD5` that is not one.
    pub(super) fn declared_by(
        input: &PutObjectInput,
        trailers: Option<TrailingHeaders>,
    ) -> S3Result<Self> {
        let declared = Checksum {
            checksum_crc32: input.checksum_crc32.clone(),
            checksum_crc32c: input.checksum_crc32c.clone(),
            checksum_crc64nvme: input.checksum_crc64nvme.clone(),
            checksum_sha1: input.checksum_sha1.clone(),
            checksum_sha256: input.checksum_sha256.clone(),
            ..Checksum::default()
        };
        Ok(Self {
            md5: input
                .content_md5
                .as_deref()
                .map(decode_md5)
                .transpose()?
                .map(|md5| (md5, Md5::new())),
            hasher: hasher(&declared, input.checksum_algorithm.as_ref()),
            declared,
            trailers,
        })
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        if let Some((_, md5)) = &mut self.md5 {
            md5.update(bytes);
        }
        self.hasher.update(bytes);
    }

    /// Whether the bytes are the ones that were declared. To be called at their end, when the trailers are there.
    ///
    /// # Errors
    ///
    /// `BadDigest`.
    pub(super) fn verify(self) -> S3Result<()> {
        if self
            .md5
            .is_some_and(|(declared, md5)| md5.finalize() != declared)
        {
            return Err(s3_error!(
                BadDigest,
                "The Content-MD5 you specified did not match what we received."
            ));
        }
        let mut declared = self.declared;
        if let Some(trailers) = &self.trailers {
            trailers.read(|trailers| {
                let trailer = |name: &str| trailers.get(name)?.to_str().ok().map(str::to_owned);
                for (sum, name) in [
                    (&mut declared.checksum_crc32, "x-amz-checksum-crc32"),
                    (&mut declared.checksum_crc32c, "x-amz-checksum-crc32c"),
                    (&mut declared.checksum_crc64nvme, "x-amz-checksum-crc64nvme"),
                    (&mut declared.checksum_sha1, "x-amz-checksum-sha1"),
                    (&mut declared.checksum_sha256, "x-amz-checksum-sha256"),
                ] {
                    if let Some(value) = trailer(name) {
                        *sum = Some(value);
                    }
                }
            });
        }
        if self.hasher.finalize() == declared {
            Ok(())
        } else {
            Err(s3_error!(
                BadDigest,
                "The checksum you specified did not match what we received."
            ))
        }
    }
}

fn decode_md5(text: &str) -> S3Result<[u8; 16]> {
    let bytes = STANDARD.decode(text).ok();
    bytes
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| s3_error!(InvalidDigest, "The Content-MD5 you specified is not valid."))
}

fn hasher(declared: &Checksum, algorithm: Option<&ChecksumAlgorithm>) -> ChecksumHasher {
    let named = |name| algorithm.is_some_and(|algorithm| algorithm.as_str() == name);
    let wanted = |sum: &Option<String>, name| sum.is_some() || named(name);
    ChecksumHasher {
        crc32: wanted(&declared.checksum_crc32, ChecksumAlgorithm::CRC32).then(Default::default),
        crc32c: wanted(&declared.checksum_crc32c, ChecksumAlgorithm::CRC32C).then(Default::default),
        crc64nvme: wanted(&declared.checksum_crc64nvme, ChecksumAlgorithm::CRC64NVME)
            .then(Default::default),
        sha1: wanted(&declared.checksum_sha1, ChecksumAlgorithm::SHA1).then(Default::default),
        sha256: wanted(&declared.checksum_sha256, ChecksumAlgorithm::SHA256).then(Default::default),
    }
}
