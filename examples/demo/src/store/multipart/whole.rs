//! The object's `ETag` and checksum, from those of its parts: nothing is read again.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use s3s::S3Result;
use s3s::checksum::ChecksumHasher;
use s3s::crypto::{Checksum as _, Md5};
use s3s::s3_error;

use super::super::algorithm::Algorithm;
use super::super::hex::hex;
use super::upload::{Over, Part, Summing};

/// The MD5 of the parts' MD5s, and their number.
pub(super) fn etag(parts: &[Part]) -> String {
    let mut md5 = Md5::new();
    for part in parts {
        md5.update(&part.md5);
    }
    format!("{}-{}", hex(&md5.finalize()), parts.len())
}

/// The checksum that S3 gives such an object.
pub(super) fn checksum(summing: Summing, parts: &[Part]) -> S3Result<String> {
    let sums = parts.iter().map(decoded).collect::<S3Result<Vec<_>>>()?;
    match (summing.over, polynomial(summing.algorithm)) {
        (Over::Bytes, Some((polynomial, width))) => {
            let mut whole = 0;
            for (at, (sum, part)) in sums.iter().zip(parts).enumerate() {
                let sum = number(sum);
                whole = if at == 0 {
                    sum
                } else {
                    crc_fast::checksum_combine(polynomial, whole, sum, part.size)
                };
            }
            Ok(STANDARD.encode(&whole.to_be_bytes()[8 - width..]))
        }
        // `Summing::asked_for` lets no other through.
        (Over::Bytes, None) => Err(s3_error!(InternalError)),
        (Over::Parts, _) => {
            let mut hasher = ChecksumHasher::default();
            summing.algorithm.switch_on(&mut hasher);
            for sum in &sums {
                hasher.update(sum);
            }
            let mut found = hasher.finalize();
            let sum = summing.algorithm.sum(&mut found).take();
            Ok(format!("{}-{}", sum.unwrap_or_default(), parts.len()))
        }
    }
}

fn decoded(part: &Part) -> S3Result<Vec<u8>> {
    let sum = part.sum.as_deref().unwrap_or_default();
    let sum = STANDARD.decode(sum).ok().filter(|sum| !sum.is_empty());
    sum.ok_or_else(|| s3_error!(InternalError))
}

/// Big-endian, as S3 writes it.
fn number(sum: &[u8]) -> u64 {
    sum.iter()
        .fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// With the bytes that a sum has.
fn polynomial(algorithm: Algorithm) -> Option<(CrcAlgorithm, usize)> {
    match algorithm {
        Algorithm::Crc32 => Some((CrcAlgorithm::Crc32IsoHdlc, 4)),
        Algorithm::Crc32c => Some((CrcAlgorithm::Crc32Iscsi, 4)),
        Algorithm::Crc64Nvme => Some((CrcAlgorithm::Crc64Nvme, 8)),
        Algorithm::Sha1 | Algorithm::Sha256 => None,
    }
}

#[cfg(test)]
mod tests {
    use s3s::dto::{Checksum, Timestamp};

    use super::super::super::algorithm::Algorithm;
    use super::super::super::checksum::Sums;
    use super::super::upload::{Over, Part, Summing};

    fn part(bytes: &[u8], algorithm: Algorithm) -> Part {
        let sums = Sums::declared_by(None, Checksum::default(), None, None).unwrap();
        let mut sums = sums.also(Some(algorithm));
        sums.update(bytes);
        let mut found = sums.verify().unwrap();
        Part {
            file: String::new(),
            size: bytes.len() as u64,
            md5: found.md5.unwrap(),
            sum: algorithm.sum(&mut found.checksum).take(),
            last_modified: Timestamp::default(),
        }
    }

    #[test]
    fn a_sum_over_the_bytes_is_that_of_the_whole() {
        let bytes: Vec<u8> = (0..2_000_u32).flat_map(u32::to_le_bytes).collect();
        for algorithm in [Algorithm::Crc32, Algorithm::Crc32c, Algorithm::Crc64Nvme] {
            let summing = Summing {
                algorithm,
                over: Over::Bytes,
            };
            for split in [
                vec![8_000],
                vec![1, 7_999],
                vec![3_000, 3_000, 1_999, 1],
                vec![8_000, 0],
            ] {
                let mut rest = &bytes[..];
                let parts: Vec<Part> = split
                    .iter()
                    .map(|&size| {
                        let (part_of_it, after) = rest.split_at(size);
                        rest = after;
                        part(part_of_it, algorithm)
                    })
                    .collect();
                let whole = part(&bytes, algorithm).sum.unwrap();
                assert_eq!(
                    super::checksum(summing, &parts).unwrap(),
                    whole,
                    "{split:?}"
                );
            }
        }
    }
}
