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

use super::polynomial::Polynomial;

/// The remainder of what `register` is the remainder of, followed by `bytes`.
pub(super) fn divide(polynomial: Polynomial, register: u64, bytes: &[u8]) -> u64 {
    let table = polynomial.table();
    // In words, of which a block is two.
    let taps = polynomial
        .taps
        .iter()
        .map(|&blocks| 2 * usize::from(blocks));
    let shortest = taps.clone().min().unwrap_or(1);
    let depth = taps.clone().max().unwrap_or(0);
    let (words, rest) = bytes.as_chunks();
    if words.len() <= 2 * depth {
        // Most of it would be the remainder.
        return by_table(&table, register, bytes);
    }
    let (dividend, last) = words.split_at(words.len() - depth);

    // The quotient's latest words, as many as the taps reach back to, and room for as many more.
    let mut quotient = vec![0; 2 * depth];
    // The longest tap alone reaches the first of them, and adds it to the first of the message: where the register belongs.
    quotient[0] = register;
    let mut end = depth;
    // So much at a time depends only on what is there already.
    for words in dividend.chunks(shortest) {
        if end + words.len() > quotient.len() {
            quotient.copy_within(end - depth..end, 0);
            end = depth;
        }
        let (before, next) = quotient.split_at_mut(end);
        let next = &mut next[..words.len()];
        read(next, words);
        for tap in taps.clone() {
            add(next, &before[end - tap..]);
        }
        end += words.len();
    }

    quotient.copy_within(end - depth..end, 0);
    let (before, remainder) = quotient.split_at_mut(depth);
    read(remainder, last);
    for tap in taps {
        add(remainder, &before[depth - tap..]);
    }
    let register = remainder.iter().fold(0, |register, word| {
        by_table(&table, register, &word.to_le_bytes())
    });
    by_table(&table, register, rest)
}

/// Little-endian, for the first byte is the lowest, whatever the machine.
fn read(words: &mut [u64], bytes: &[[u8; 8]]) {
    for (word, bytes) in words.iter_mut().zip(bytes) {
        *word = u64::from_le_bytes(*bytes);
    }
}

/// As far as both go. Inlined, it would be there twice.
#[inline(never)]
fn add(sums: &mut [u64], terms: &[u64]) {
    for (sum, term) in sums.iter_mut().zip(terms) {
        *sum ^= term;
    }
}

fn by_table(table: &[u64; 256], register: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(register, |register, byte| {
        let [lowest, ..] = register.to_le_bytes();
        table[usize::from(lowest ^ byte)] ^ (register >> 8)
    })
}
