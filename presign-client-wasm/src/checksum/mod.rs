//! What the bytes of a file, or of a part of one, come to: the sums that a store checks on arrival, and a fingerprint by which a file that
//! is chosen again is known to be the same.

mod polynomial;
mod sparse;
#[cfg(test)]
mod tests;

use md5::{Digest as _, Md5};
use presign_protocol::Crc;

use self::polynomial::Polynomial;

/// The fingerprint's kind. Stores know it too, so it can be compared with what one tells of an object.
pub(crate) const FINGERPRINT: Crc = Crc::Crc64Nvme;

/// Sums up bytes that come slice by slice, however they are split.
///
/// Slices of 1 MiB are summed up three times as fast as those of 64 KiB: see [`sparse`].
#[derive(Clone, Debug)]
pub(crate) struct Hasher {
    length: u64,
    md5: Option<Md5>,
    fingerprint: Running,
    crc: Option<Running>,
}

/// What the bytes came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Sums {
    /// Bytes.
    pub(crate) length: u64,
    /// If it was asked for.
    pub(crate) md5: Option<[u8; 16]>,
    /// Of the kind [`FINGERPRINT`].
    pub(crate) fingerprint: u64,
    /// Of the kind that was asked for, if one was.
    pub(crate) crc: Option<u64>,
}

impl Hasher {
    /// The fingerprint is always taken; MD5 slows it down to a fifth, another CRC to two thirds.
    pub(crate) fn new(md5: bool, crc: Option<Crc>) -> Self {
        Self {
            length: 0,
            md5: md5.then(Md5::new),
            fingerprint: Running::new(FINGERPRINT),
            crc: crc.map(Running::new),
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        if let Some(md5) = &mut self.md5 {
            md5.update(bytes);
        }
        self.fingerprint.update(bytes);
        if let Some(crc) = &mut self.crc {
            if crc.kind == FINGERPRINT {
                // It need not be computed twice.
                *crc = self.fingerprint;
            } else {
                crc.update(bytes);
            }
        }
    }

    pub(crate) fn finish(self) -> Sums {
        Sums {
            length: self.length,
            md5: self.md5.map(|md5| md5.finalize().into()),
            fingerprint: self.fingerprint.finish(),
            crc: self.crc.map(Running::finish),
        }
    }
}

/// The CRC of a whole, from that of its first part and that of its second, which is `second_length` bytes.
pub(crate) fn combine(kind: Crc, first: u64, second: u64, second_length: u64) -> u64 {
    Polynomial::of(kind).shifted(first, second_length) ^ second
}

/// A CRC on its way. Every kind begins with all ones and has its bits inverted at the end.
#[derive(Clone, Copy, Debug)]
struct Running {
    kind: Crc,
    register: u64,
}

impl Running {
    fn new(kind: Crc) -> Self {
        Self {
            kind,
            register: Polynomial::of(kind).ones(),
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        self.register = sparse::divide(Polynomial::of(self.kind), self.register, bytes);
    }

    fn finish(self) -> u64 {
        self.register ^ Polynomial::of(self.kind).ones()
    }
}
