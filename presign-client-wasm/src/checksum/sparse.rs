//! The remainder of bytes modulo a CRC's polynomial, without multiplications and large tables.
//!
//! The method is Chorba's (Sam Russell, [*A novel CRC32 implementation*](https://arxiv.org/abs/2412.16398), 2024). The bytes
//! are first divided by a *multiple* of the polynomial that has but a few terms ([`Polynomial::taps`]). Of that, only the remainder, as long
//! as the multiple, has to be divided by the polynomial itself, a byte at a time by a table.
//!
//! Here all the exponents of the multiple are multiples of 128. So blocks of 16 bytes are its coefficients, nothing is shifted, and the
//! quotient is `q[i] = m[i] ^ Σ q[i − t]` with `m` the message's blocks: sums of whole slices, which a compiler turns into SIMD where the
//! target has it.
//!
//! Each call carries its division to the end, so all that is between two calls is a register. The end takes as long for a short slice as for
//! a long one: up to 30 kB go byte by byte.

use alloc::vec;
use core::iter::once;

use super::polynomial::Polynomial;

/// What is added at a time. Blocks are two of these.
type Word = [u8; 8];

/// The remainder of what `register` is the remainder of, followed by `bytes`.
pub(super) fn divide(polynomial: Polynomial, register: u64, bytes: &[u8]) -> u64 {
    let table = polynomial.table();
    // In words, of which a block is two.
    let taps = polynomial
        .taps
        .iter()
        .map(|&blocks| 2 * usize::from(blocks));
    let shortest = taps.clone().next().unwrap_or(1);
    let depth = taps.clone().next_back().unwrap_or(0);
    let (words, rest) = bytes.as_chunks();
    if words.len() <= 2 * depth {
        // Most of it would be the remainder.
        return by_table(&table, register, bytes);
    }
    let (dividend, last) = words.split_at(words.len() - depth);

    // The quotient's latest words, as many as the taps reach back to, and room for as many more.
    let mut quotient = vec![[0; 8]; 2 * depth];
    // The longest tap alone reaches the first of them, and adds it to the first of the message: where the register belongs.
    quotient[0] = register.to_le_bytes();
    let mut end = depth;
    // So much at a time depends only on what is there already. Of the last words, which are the remainder, each tap reaches only those that
    // some of the quotient is added to.
    for words in dividend.chunks(shortest).chain(once(last)) {
        if end + words.len() > quotient.len() {
            quotient.copy_within(end - depth..end, 0);
            end = depth;
        }
        let (before, next) = quotient.split_at_mut(end);
        end += words.len();
        let next = &mut next[..words.len()];
        next.copy_from_slice(words);
        for tap in taps.clone() {
            add(next, &before[before.len() - tap..]);
        }
    }
    let remainder = quotient[end - depth..end].as_flattened();
    let register = by_table(&table, 0, remainder);
    by_table(&table, register, rest)
}

/// As far as both go.
fn add(sums: &mut [Word], terms: &[Word]) {
    for (sum, term) in sums.iter_mut().zip(terms) {
        *sum = (u64::from_ne_bytes(*sum) ^ u64::from_ne_bytes(*term)).to_ne_bytes();
    }
}

/// Not inlined, for it is called thrice and what the page loads must be small.
#[inline(never)]
fn by_table(table: &[u64; 256], register: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(register, |register, byte| {
        let [lowest, ..] = register.to_le_bytes();
        table[usize::from(lowest ^ byte)] ^ (register >> 8)
    })
}
