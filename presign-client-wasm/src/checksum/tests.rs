//! Against references that share no code with what is tested.

use alloc::vec::Vec;
use std::format;

use presign_protocol::Crc;

use super::{FINGERPRINT, Hasher, Sums, combine, polynomial::Polynomial};

/// Bit by bit, as catalogues define it: the width and the polynomial, its highest power left out.
fn definition(kind: Crc) -> (u32, u64) {
    match kind {
        Crc::Crc64Nvme => (64, 0xad93_d235_94c9_3659),
        Crc::Crc32C => (32, 0x1edc_6f41),
        Crc::Crc32 => (32, 0x04c1_1db7),
        _ => panic!("{kind} has no reference"),
    }
}

/// A bitwise CRC in the catalogues' unreflected form that takes bytes one after the other.
struct Reference {
    width: u32,
    polynomial: u64,
    register: u64,
}

impl Reference {
    fn new(kind: Crc) -> Self {
        let (width, polynomial) = definition(kind);
        Self {
            width,
            polynomial,
            register: u64::MAX >> (64 - width),
        }
    }

    fn push(&mut self, byte: u8) {
        for bit in 0..8 {
            let out = (self.register >> (self.width - 1)) & 1 ^ u64::from(byte >> bit & 1);
            self.register = (self.register << 1) & (u64::MAX >> (64 - self.width));
            if out == 1 {
                self.register ^= self.polynomial;
            }
        }
    }

    fn crc(&self) -> u64 {
        (!self.register).reverse_bits() >> (64 - self.width)
    }

    fn of(kind: Crc, bytes: &[u8]) -> u64 {
        let mut reference = Self::new(kind);
        for &byte in bytes {
            reference.push(byte);
        }
        reference.crc()
    }
}

/// Numbers that look random and are the same every time: xorshift64*.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 33).unwrap() % end
    }

    fn bytes(&mut self, length: usize) -> Vec<u8> {
        (0..length).map(|_| self.next().to_be_bytes()[0]).collect()
    }
}

fn sums<'a>(crc: Crc, slices: impl IntoIterator<Item = &'a [u8]>) -> Sums {
    let mut hasher = Hasher::new(false, Some(crc));
    slices.into_iter().for_each(|slice| hasher.update(slice));
    hasher.finish()
}

fn crc(kind: Crc, bytes: &[u8]) -> u64 {
    sums(kind, [bytes]).crc.unwrap()
}

#[test]
fn published_check_values() {
    // The "check" of https://reveng.sourceforge.io/crc-catalogue/all.htm
    for (kind, check) in [
        (Crc::Crc64Nvme, 0xae8b_1486_0a79_9888),
        (Crc::Crc32C, 0xe306_9283),
        (Crc::Crc32, 0xcbf4_3926),
    ] {
        assert_eq!(crc(kind, b"123456789"), check, "{kind}");
        assert_eq!(
            Reference::of(kind, b"123456789"),
            check,
            "the reference of {kind}"
        );
    }
}

#[test]
fn every_kind_that_the_protocol_knows_is_its_own() {
    for &kind in Crc::ALL {
        let sums = sums(kind, [&b"123456789"[..]]);
        assert_eq!(sums.crc, Some(Reference::of(kind, b"123456789")), "{kind}");
        assert_eq!(sums.fingerprint, Reference::of(FINGERPRINT, b"123456789"));
        assert_eq!(sums.length, 9);
    }
}

#[test]
fn every_short_length() {
    let bytes = Random(1).bytes(4096);
    for &kind in Crc::ALL {
        let mut reference = Reference::new(kind);
        for length in 0..=bytes.len() {
            assert_eq!(
                crc(kind, &bytes[..length]),
                reference.crc(),
                "{kind} of {length} bytes"
            );
            if let Some(&byte) = bytes.get(length) {
                reference.push(byte);
            }
        }
    }
}

/// Where the sparse division begins, and on which of its chunks and refills a length ends.
#[test]
fn every_length_around_the_bounds_of_the_division() {
    for &kind in Crc::ALL {
        let taps = Polynomial::of(kind).taps;
        let (shortest, depth) = (
            16 * usize::from(taps[0]),
            16 * usize::from(taps[taps.len() - 1]),
        );
        let bytes = Random(2).bytes(5 * depth);
        let mut lengths: Vec<usize> = [1, 2, 3, 4]
            .into_iter()
            .flat_map(|depths| [depths * depth, depths * depth + shortest])
            .flat_map(|bound| bound - 20..bound + 20)
            .collect();
        lengths.sort_unstable();
        lengths.dedup();
        let mut reference = Reference::new(kind);
        let mut done = 0;
        for length in lengths {
            bytes[done..length]
                .iter()
                .for_each(|&byte| reference.push(byte));
            done = length;
            assert_eq!(
                crc(kind, &bytes[..length]),
                reference.crc(),
                "{kind} of {length} bytes"
            );
        }
    }
}

#[test]
fn random_lengths_up_to_a_mebibyte() {
    let mut random = Random(3);
    let bytes = random.bytes(1 << 20);
    let mut lengths: Vec<usize> = (0..12).map(|_| random.below(bytes.len())).collect();
    lengths.push(bytes.len());
    lengths.sort_unstable();
    for &kind in Crc::ALL {
        let mut reference = Reference::new(kind);
        let mut done = 0;
        for &length in &lengths {
            bytes[done..length]
                .iter()
                .for_each(|&byte| reference.push(byte));
            done = length;
            assert_eq!(
                crc(kind, &bytes[..length]),
                reference.crc(),
                "{kind} of {length} bytes"
            );
        }
    }
}

#[test]
fn every_split_of_a_short_message() {
    let bytes = Random(4).bytes(5003);
    for &kind in Crc::ALL {
        let whole = Reference::of(kind, &bytes);
        for middle in 0..=bytes.len() {
            let (first, second) = bytes.split_at(middle);
            assert_eq!(
                sums(kind, [first, second]).crc,
                Some(whole),
                "{kind}, {middle}"
            );
        }
    }
}

#[test]
fn random_splits_of_a_long_message() {
    let mut random = Random(5);
    let bytes = random.bytes(300_000);
    for &kind in Crc::ALL {
        let expected = Reference::of(kind, &bytes);
        for _ in 0..20 {
            let mut cuts: Vec<usize> = (0..random.below(6))
                .map(|_| random.below(bytes.len()))
                .collect();
            cuts.extend([0, bytes.len()]);
            cuts.sort_unstable();
            let slices = cuts.windows(2).map(|cut| &bytes[cut[0]..cut[1]]);
            let sums = sums(kind, slices);
            assert_eq!(
                (sums.crc, sums.length),
                (Some(expected), 300_000),
                "{kind}, {cuts:?}"
            );
        }
    }
}

#[test]
fn parts_combine_to_the_whole() {
    let mut random = Random(6);
    let bytes = random.bytes(20_000);
    for &kind in Crc::ALL {
        for round in 0..200 {
            let length = random.below(bytes.len());
            let middle = match round {
                0 => 0,
                1 => length,
                _ => random.below(length + 1),
            };
            let (first, second) = bytes[..length].split_at(middle);
            let combined = combine(
                kind,
                crc(kind, first),
                crc(kind, second),
                second.len() as u64,
            );
            assert_eq!(
                combined,
                crc(kind, &bytes[..length]),
                "{kind} of {middle} and {} bytes",
                second.len()
            );
        }
        assert_eq!(combine(kind, 0, 0, 0), 0, "nothing and nothing");
    }
}

/// No message is that long here: the zeros of both parts must commute.
#[test]
fn parts_of_terabytes_combine() {
    for &kind in Crc::ALL {
        let (zeros, length) = (0..40).fold((crc(kind, &[0]), 1_u64), |(zeros, length), _| {
            (combine(kind, zeros, zeros, length), 2 * length)
        });
        let sum = crc(kind, b"123456789");
        let apart = combine(kind, combine(kind, sum, zeros, length), zeros, length);
        let together = combine(kind, sum, combine(kind, zeros, zeros, length), 2 * length);
        assert_eq!(apart, together, "{kind}");
    }
}

/// That the sparse polynomials are multiples of the CRCs', computed in the catalogues' form.
#[test]
fn the_taps_are_a_multiple_of_the_polynomial() {
    for &kind in Crc::ALL {
        let (width, polynomial) = definition(kind);
        let mask = u64::MAX >> (64 - width);
        let taps = Polynomial::of(kind).taps;
        let depth = *taps.last().unwrap();
        let (mut power, mut sum) = (1_u64, 0);
        for exponent in 0..=u32::from(depth) * 128 {
            let from_the_top = u32::from(depth) * 128 - exponent;
            if from_the_top == 0 || taps.iter().any(|&tap| u32::from(tap) * 128 == from_the_top) {
                sum ^= power;
            }
            let overflow = power >> (width - 1) & 1;
            power = (power << 1) & mask ^ (overflow * polynomial);
        }
        assert_eq!(sum, 0, "{kind}");
        assert!(
            taps.is_sorted(),
            "{kind}: the division takes the last for the longest"
        );
    }
}

#[test]
fn md5_is_that_of_rfc_1321() {
    for (text, digest) in [
        ("", "d41d8cd98f00b204e9800998ecf8427e"),
        ("a", "0cc175b9c0f1b6a831c399e269772661"),
        ("abc", "900150983cd24fb0d6963f7d28e17f72"),
        ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        (
            "abcdefghijklmnopqrstuvwxyz",
            "c3fcd3d76192e4007dfb496cca67e13b",
        ),
        (
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            "d174ab98d277d9f5a5611c2c9f419d9f",
        ),
        (
            "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
            "57edf4a22be3c955ac49da2e2107b67a",
        ),
    ] {
        for middle in 0..=text.len() {
            let mut hasher = Hasher::new(true, None);
            let (first, second) = text.as_bytes().split_at(middle);
            hasher.update(first);
            hasher.update(second);
            let sums = hasher.finish();
            let hex = format!("{:032x}", u128::from_be_bytes(sums.md5.unwrap()));
            assert_eq!(hex, digest, "{text:?} in two at {middle}");
            assert_eq!(sums.crc, None);
        }
    }
    assert_eq!(sums(Crc::Crc32, []).md5, None, "only where it is asked for");
}
