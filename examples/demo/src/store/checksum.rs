//! What an upload says its bytes sum up to.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Md5};
use s3s::dto::{Checksum, ChecksumAlgorithm};
use s3s::{S3Result, TrailingHeaders, s3_error};

use super::algorithm::Algorithm;

/// The sums that an upload declared, and those of the bytes so far. s3s-fs compares them too, but only once the object has been replaced,
/// and not at all for parts.
pub(super) struct Sums {
    declared_md5: Option<[u8; 16]>,
    md5: Option<Md5>,
    declared: Checksum,
    hasher: ChecksumHasher,
    /// Is summed up, declared or not.
    also: Option<Algorithm>,
    trailers: Option<TrailingHeaders>,
}

/// What the bytes were found to sum up to.
#[derive(Debug)]
pub(super) struct Found {
    /// If it was declared or [asked for](Sums::also).
    pub(super) md5: Option<[u8; 16]>,
    /// Those that were declared or asked for.
    pub(super) checksum: Checksum,
}

impl Sums {
    /// `algorithm` is the one whose sum is to follow the body.
    ///
    /// # Errors
    ///
    /// `InvalidDigest` for a `Content-MD5` that is not one.
    pub(super) fn declared_by(
        content_md5: Option<&str>,
        declared: Checksum,
        algorithm: Option<&ChecksumAlgorithm>,
        trailers: Option<TrailingHeaders>,
    ) -> S3Result<Self> {
        let declared_md5 = content_md5.map(decode_md5).transpose()?;
        Ok(Self {
            md5: declared_md5.map(|_| Md5::new()),
            declared_md5,
            hasher: hasher(declared.clone(), algorithm),
            declared,
            also: None,
            trailers,
        })
    }

    /// Finds the MD5 and this sum, whether they were declared or not.
    pub(super) fn also(mut self, algorithm: Option<Algorithm>) -> Self {
        self.md5 = Some(Md5::new());
        if let Some(algorithm) = algorithm {
            algorithm.switch_on(&mut self.hasher);
        }
        self.also = algorithm;
        self
    }

    pub(super) fn update(&mut self, bytes: &[u8]) {
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
        self.hasher.update(bytes);
    }

    /// Whether the bytes are the ones that were declared. To be called at their end, when the trailers are there.
    ///
    /// # Errors
    ///
    /// `BadDigest`.
    pub(super) fn verify(self) -> S3Result<Found> {
        let md5 = self.md5.map(Md5::finalize);
        if self.declared_md5.is_some() && md5 != self.declared_md5 {
            return Err(s3_error!(
                BadDigest,
                "The Content-MD5 you specified did not match what we received."
            ));
        }
        let mut declared = self.declared;
        if let Some(trailers) = &self.trailers {
            trailers.read(|trailers| {
                for algorithm in Algorithm::ALL {
                    let trailer = trailers.get(algorithm.header());
                    if let Some(value) = trailer.and_then(|value| value.to_str().ok()) {
                        *algorithm.sum(&mut declared) = Some(value.to_owned());
                    }
                }
            });
        }
        let checksum = self.hasher.finalize();
        if let Some(also) = self.also {
            also.sum(&mut declared)
                .get_or_insert_with(|| also.sum(&mut checksum.clone()).take().unwrap_or_default());
        }
        if checksum == declared {
            Ok(Found { md5, checksum })
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

fn hasher(mut declared: Checksum, named: Option<&ChecksumAlgorithm>) -> ChecksumHasher {
    let named = named.and_then(Algorithm::of);
    let mut hasher = ChecksumHasher::default();
    for algorithm in Algorithm::ALL {
        if algorithm.sum(&mut declared).is_some() || named == Some(algorithm) {
            algorithm.switch_on(&mut hasher);
        }
    }
    hasher
}
