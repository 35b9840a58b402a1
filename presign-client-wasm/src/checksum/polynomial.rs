//! Arithmetic modulo the polynomials of CRCs.
//!
//! Bits are reflected, as the three kinds have them: the highest bit of a remainder is the coefficient of 1, and the lowest that of the
//! highest power.

use presign_protocol::Crc;

/// What tells one kind of CRC from another.
#[derive(Clone, Copy, Debug)]
pub(super) struct Polynomial {
    /// All of its terms but the highest.
    low: u64,
    /// The remainder 1: the highest bit that there is.
    one: u64,
    /// The sparse multiple of it that [`sparse`](super::sparse) divides by, 1 + Σ y^(d−t) over these t, where y is x^128 and d the last of
    /// them. The terms were searched for so that there are few and that d is small; a test proves that each is a multiple.
    pub(super) taps: &'static [u16],
}

impl Polynomial {
    /// The polynomials are those of the [catalogue](https://reveng.sourceforge.io/crc-catalogue/all.htm), as `CRC-64/NVME`,
    /// `CRC-32/ISCSI` and `CRC-32/ISO-HDLC`.
    pub(super) const fn of(kind: Crc) -> Self {
        match kind {
            Crc::Crc64Nvme => Self {
                low: 0x9a6c_9329_ac4b_c9b5,
                one: 1 << 63,
                taps: &[231, 957, 1004, 1251, 1458, 1648, 1852],
            },
            Crc::Crc32C => Self {
                low: 0x82f6_3b78,
                one: 1 << 31,
                taps: &[65, 155, 170, 195, 209],
            },
            // The protocol may get further kinds; the tests go through all of them, so none can be taken for this one.
            _ => Self {
                low: 0xedb8_8320,
                one: 1 << 31,
                taps: &[145, 183, 211, 300],
            },
        }
    }

    /// Every bit of a remainder.
    pub(super) const fn ones(self) -> u64 {
        self.one | (self.one - 1)
    }

    /// `remainder · x^(8 · bytes)`: what it becomes when that many zero bytes follow.
    pub(super) fn shifted(self, mut remainder: u64, mut bytes: u64) -> u64 {
        let mut power = self.one >> 8;
        while bytes != 0 {
            if bytes & 1 != 0 {
                remainder = self.product(remainder, power);
            }
            power = self.product(power, power);
            bytes >>= 1;
        }
        remainder
    }

    /// The remainders of all bytes. To build it takes microseconds, so it is not kept.
    pub(super) fn table(self) -> [u64; 256] {
        let mut table = [0; 256];
        for (remainder, byte) in table.iter_mut().zip(0..) {
            *remainder = self.product(self.one >> 8, byte);
        }
        table
    }

    /// Not inlined, for it is called from several places and what the page loads must be small.
    #[inline(never)]
    fn product(self, mut first: u64, mut second: u64) -> u64 {
        let mut product = 0;
        while first != 0 {
            if first & self.one != 0 {
                product ^= second;
            }
            first = (first << 1) & self.ones();
            second = self.times_x(second);
        }
        product
    }

    const fn times_x(self, remainder: u64) -> u64 {
        (remainder >> 1) ^ (self.low & (remainder & 1).wrapping_neg())
    }
}
