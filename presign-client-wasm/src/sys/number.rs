//! JavaScript has one kind of number. It holds whole numbers to 2^53, more bytes than any file has.

#[expect(
    clippy::cast_precision_loss,
    reason = "sizes and counts are far below 2^53"
)]
pub(crate) fn float(number: u64) -> f64 {
    number as f64
}

/// What is no whole number becomes the nearest one below; what is none at all, 0.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates"
)]
pub(crate) fn whole(number: f64) -> u64 {
    number as u64
}

/// The upper half of what is no size: a checksum.
pub(crate) fn high(number: u64) -> i32 {
    (number >> 32) as i32
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the rest is the upper half"
)]
pub(crate) fn low(number: u64) -> i32 {
    number as i32
}
