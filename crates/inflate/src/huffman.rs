//! Decoding tables: one lookup returns one symbol with its extra bits, or two literals.
//!
//! An entry is 32 bits:
//!
//! | bits | literals | length | distance | other |
//! | --- | --- | --- | --- | --- |
//! | 0..6 | bits to consume | code and extra bits | code and extra bits | bits of the code |
//! | 8..12 | how many, 1 or 2 | bits of the code | bits of the code | |
//! | 12..14 | | | | which other |
//! | 14 | 0 | 0 | 0 | 1 |
//! | 15 | 1 | 0 | 0 | 0 |
//! | 16.. | the bytes | length - 3 | distance - 1 | start of the second table |
//!
//! Codes longer than the first table's index continue in a second table whose entries count all
//! bits of the code, so that nothing is consumed between the two lookups.

// Symbols, lengths and table positions are below 2^15; casts between their types lose nothing.
#![allow(clippy::cast_possible_truncation)]

use crate::block::{CodeLengths, DISTANCES, END_OF_BLOCK, LITERALS, MAX_CODE};

/// Index bits of the first literal/length table: 16 KiB, half of a first-level cache.
pub(crate) const LITERAL_BITS: usize = 12;
/// Index bits of the first distance table.
pub(crate) const DISTANCE_BITS: usize = 9;

/// Second tables of the literal/length code. A complete code puts at least two codes after each
/// prefix, so there are at most half as many prefixes as symbols.
const LITERAL_SECOND: usize = (LITERALS / 2) << (MAX_CODE - LITERAL_BITS);
const DISTANCE_SECOND: usize = (DISTANCES / 2) << (MAX_CODE - DISTANCE_BITS);

pub(crate) const LITERAL_TABLE: usize = (1 << LITERAL_BITS) + LITERAL_SECOND;
pub(crate) const DISTANCE_TABLE: usize = (1 << DISTANCE_BITS) + DISTANCE_SECOND;

/// The entry holds one or two literals.
pub(crate) const LITERAL: u32 = 1 << 15;
/// The entry is neither literals nor a length or distance.
pub(crate) const OTHER: u32 = 1 << 14;
/// Which of the others.
pub(crate) const OTHER_MASK: u32 = OTHER | 3 << 12;
pub(crate) const OTHER_END: u32 = OTHER;
pub(crate) const OTHER_SECOND: u32 = OTHER | 1 << 12;
pub(crate) const OTHER_INVALID: u32 = OTHER | 2 << 12;

/// Length codes 257..286: base - 3 and extra bits (RFC 1951, 3.2.5).
#[rustfmt::skip]
const LENGTH: [(u8, u8); 29] = [
    (0, 0), (1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0), (7, 0), (8, 1), (10, 1),
    (12, 1), (14, 1), (16, 2), (20, 2), (24, 2), (28, 2), (32, 3), (40, 3), (48, 3), (56, 3),
    (64, 4), (80, 4), (96, 4), (112, 4), (128, 5), (160, 5), (192, 5), (224, 5), (255, 0),
];

/// Distance codes 0..30: base - 1 and extra bits.
#[rustfmt::skip]
const DISTANCE: [(u16, u8); 30] = [
    (0, 0), (1, 0), (2, 0), (3, 0), (4, 1), (6, 1), (8, 2), (12, 2), (16, 3), (24, 3),
    (32, 4), (48, 4), (64, 5), (96, 5), (128, 6), (192, 6), (256, 7), (384, 7), (512, 8), (768, 8),
    (1024, 9), (1536, 9), (2048, 10), (3072, 10), (4096, 11), (6144, 11), (8192, 12),
    (12288, 12), (16384, 13), (24576, 13),
];

const fn literal_entry(symbol: usize, code: u32) -> u32 {
    if symbol < END_OF_BLOCK {
        (symbol as u32) << 16 | LITERAL | 1 << 8 | code
    } else if symbol == END_OF_BLOCK {
        OTHER_END | code
    } else if symbol < END_OF_BLOCK + 1 + LENGTH.len() {
        let (base, extra) = LENGTH[symbol - END_OF_BLOCK - 1];
        (base as u32) << 16 | code << 8 | (code + extra as u32)
    } else {
        OTHER_INVALID | code
    }
}

const fn distance_entry(symbol: usize, code: u32) -> u32 {
    if symbol < DISTANCE.len() {
        let (base, extra) = DISTANCE[symbol];
        (base as u32) << 16 | code << 8 | (code + extra as u32)
    } else {
        OTHER_INVALID | code
    }
}

/// The tables of one block.
pub(crate) struct Tables {
    pub(crate) literal: [u32; LITERAL_TABLE],
    pub(crate) distance: [u32; DISTANCE_TABLE],
    /// The lengths from which the tables were built: at the end of the input, the first half of a
    /// pair is needed.
    pub(crate) lengths: CodeLengths,
}

impl Tables {
    pub(crate) fn boxed() -> Box<Self> {
        Box::new(Self {
            literal: [OTHER_INVALID | 1; LITERAL_TABLE],
            distance: [OTHER_INVALID | 1; DISTANCE_TABLE],
            lengths: CodeLengths::NONE,
        })
    }

    pub(crate) fn fixed() -> Box<Self> {
        let mut tables = Self::boxed();
        tables.lengths = CodeLengths::fixed();
        tables.build();
        tables
    }

    /// Builds both tables for `self.lengths`, which are complete or degenerate.
    pub(crate) fn build(&mut self) {
        let Self { literal, distance, lengths } = self;
        build::<LITERAL_BITS, true>(literal, &lengths.literal, literal_entry);
        build::<DISTANCE_BITS, false>(distance, &lengths.distance, distance_entry);
    }
}

/// Symbols by length, then by number: the canonical order (RFC 1951, 3.2.2), and the start of each
/// length in it.
#[inline]
fn canonical(lengths: &[u8]) -> ([u16; MAX_CODE + 2], [u16; LITERALS]) {
    let mut start = [0u16; MAX_CODE + 2];
    for &l in lengths {
        start[l as usize + 1] += 1;
    }
    start[1] = 0;
    for l in 1..=MAX_CODE {
        start[l + 1] += start[l];
    }
    let mut sorted = [0u16; LITERALS];
    let mut fill = start;
    for (symbol, &l) in lengths.iter().enumerate() {
        if l != 0 {
            sorted[fill[l as usize] as usize] = symbol as u16;
            fill[l as usize] += 1;
        }
    }
    (start, sorted)
}

/// Builds a table of `BITS` index bits and the second tables after it.
///
/// The first table grows with the code length: what holds for the low n bits of an index holds
/// for both values of bit n, so a copy doubles it, and the codes of n + 1 bits then overwrite
/// theirs. Pairs of literals (`PAIRS`) are codes of the sum of their lengths.
fn build<const BITS: usize, const PAIRS: bool>(
    table: &mut [u32],
    lengths: &[u8],
    entry: impl Fn(usize, u32) -> u32,
) {
    let (start, sorted) = canonical(lengths);

    // Reversed codes in the same order; literals come first within a length.
    let mut reversed = [0u16; LITERALS];
    let mut literals = [0u16; BITS_LIMIT + 1];
    let mut code = 0u32;
    table[0] = OTHER_INVALID | 1;
    let mut size = 1;
    for l in 1..=MAX_CODE {
        code <<= 1;
        let range = start[l] as usize..start[l + 1] as usize;
        if l <= BITS {
            table.copy_within(0..size, size);
            size *= 2;
        }
        if range.is_empty() && !(PAIRS && l <= BITS) {
            continue;
        }
        for i in range.clone() {
            let symbol = sorted[i] as usize;
            let r = ((code as u16).reverse_bits() >> (16 - l)) as usize;
            code += 1;
            reversed[i] = r as u16;
            let e = entry(symbol, l as u32);
            if l <= BITS {
                table[r] = e;
                if PAIRS && symbol < END_OF_BLOCK {
                    literals[l] += 1;
                }
            } else {
                let second = second_table::<BITS>(table, r, &mut size);
                for slot in table[second..second + (1 << (MAX_CODE - BITS))][r >> BITS..]
                    .iter_mut()
                    .step_by(1 << (l - BITS))
                {
                    *slot = e;
                }
            }
        }
        if PAIRS && l <= BITS {
            for first in 1..l {
                let second = l - first;
                let (f, s) = (start[first] as usize, start[second] as usize);
                let seconds = s..s + literals[second] as usize;
                if seconds.is_empty() {
                    continue;
                }
                for a in f..f + literals[first] as usize {
                    let (byte, low) = (u32::from(sorted[a]), reversed[a] as usize);
                    let e = byte << 16 | LITERAL | 2 << 8 | l as u32;
                    for (&b, &high) in
                        sorted[seconds.clone()].iter().zip(&reversed[seconds.clone()])
                    {
                        table[low | (high as usize) << first] = e | u32::from(b) << 24;
                    }
                }
            }
        }
    }
}

/// The larger of the two index widths, for arrays by length.
const BITS_LIMIT: usize = if LITERAL_BITS > DISTANCE_BITS { LITERAL_BITS } else { DISTANCE_BITS };

/// The second table for the prefix of `reversed`; a new one is added at the table's end.
fn second_table<const BITS: usize>(table: &mut [u32], reversed: usize, size: &mut usize) -> usize {
    let prefix = reversed & ((1 << BITS) - 1);
    let e = table[prefix];
    if e & OTHER_MASK == OTHER_SECOND {
        return (e >> 16) as usize;
    }
    let second = *size;
    *size += 1 << (MAX_CODE - BITS);
    table[second..*size].fill(OTHER_INVALID | MAX_CODE as u32);
    table[prefix] = (second as u32) << 16 | OTHER_SECOND | BITS as u32;
    second
}
