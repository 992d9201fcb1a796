//! A block's header: its type, and for a dynamic block the lengths of its codes.

use crate::bits::{Bits, OutOfBits};
use crate::error::ErrorKind;

/// Number of literal/length symbols to which a fixed block assigns codes; a dynamic one has at most
/// 286.
pub(crate) const LITERALS: usize = 288;
/// Number of distance symbols to which a fixed block assigns codes; a dynamic one has at most 30.
pub(crate) const DISTANCES: usize = 32;
/// Longest code of either kind.
pub(crate) const MAX_CODE: usize = 15;
/// The end-of-block symbol.
pub(crate) const END_OF_BLOCK: usize = 256;

const MAX_LITERALS: usize = 286;
const MAX_DISTANCES: usize = 30;

/// No block header is longer: 17 bits of counts, 19 lengths of 3 bits, and at most 316 code
/// lengths of a 7-bit code with 7 bits of repeat.
pub(crate) const MAX_HEADER_BYTES: usize = (17 + 19 * 3 + 316 * 14) / 8 + 1;

/// The order in which a dynamic block stores the lengths of its code of code lengths.
const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

/// The lengths of the two codes of a block; 0 means no code.
#[derive(Clone)]
pub(crate) struct CodeLengths {
    pub(crate) literal: [u8; LITERALS],
    pub(crate) distance: [u8; DISTANCES],
}

impl CodeLengths {
    pub(crate) const NONE: Self = Self { literal: [0; LITERALS], distance: [0; DISTANCES] };

    /// The code lengths of a fixed block.
    pub(crate) fn fixed() -> Self {
        let mut literal = [8; LITERALS];
        literal[144..256].fill(9);
        literal[256..280].fill(7);
        Self { literal, distance: [5; DISTANCES] }
    }
}

/// Why bits are not a valid header.
#[derive(Debug)]
pub(crate) enum HeaderError {
    /// The bits end inside it.
    End,
    Bad(ErrorKind),
}

impl From<OutOfBits> for HeaderError {
    fn from(OutOfBits: OutOfBits) -> Self {
        Self::End
    }
}

/// How completely a code uses its bits.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Kraft {
    Complete,
    /// No code at all, or a single one of one bit: encoders write that for a block without
    /// distances, or with only one. zlib accepts it for both codes.
    Degenerate,
    Invalid,
}

/// Checks the lengths of a code.
pub(crate) fn kraft(lengths: &[u8]) -> Kraft {
    let mut sum = 0u32;
    let mut codes = 0;
    for &l in lengths {
        if l != 0 {
            codes += 1;
            sum += 1 << (MAX_CODE - l as usize);
        }
    }
    const FULL: u32 = 1 << MAX_CODE;
    match sum {
        FULL => Kraft::Complete,
        0 => Kraft::Degenerate,
        s if codes == 1 && s == FULL / 2 => Kraft::Degenerate,
        _ => Kraft::Invalid,
    }
}

/// Reads the rest of a dynamic block's header, after the three bits of its type, up to the first
/// bit of its data.
pub(crate) fn read_dynamic(
    bits: &mut Bits<'_>,
    lengths: &mut CodeLengths,
) -> Result<(), HeaderError> {
    let counts = bits.take(14)?;
    let literals = (counts & 31) as usize + 257;
    let distances = (counts >> 5 & 31) as usize + 1;
    let code_lengths = (counts >> 10) as usize + 4;
    if literals > MAX_LITERALS || distances > MAX_DISTANCES {
        return Err(HeaderError::Bad(ErrorKind::TooManyCodes));
    }

    let table = code_length_table(bits, code_lengths)?;
    let mut all = [0u8; MAX_LITERALS + MAX_DISTANCES];
    let total = literals + distances;
    let mut i = 0;
    while i < total {
        let word = bits.peek();
        let entry = table[(word & 127) as usize];
        let symbol = entry >> 3;
        let used = (entry & 7) as usize;
        let rest = word >> used;
        if symbol < 16 {
            bits.skip(used)?;
            all[i] = symbol;
            i += 1;
            continue;
        }
        let (value, extra, base) = match symbol {
            16 => (if i == 0 { None } else { Some(all[i - 1]) }, 2, 3),
            17 => (Some(0), 3, 3),
            _ => (Some(0), 7, 11),
        };
        bits.skip(used + extra)?;
        #[allow(clippy::cast_possible_truncation)] // masked to at most 7 bits
        let repeat = base + (rest & ((1 << extra) - 1)) as usize;
        match value {
            Some(v) if i + repeat <= total => all[i..i + repeat].fill(v),
            _ => return Err(HeaderError::Bad(ErrorKind::CodeLengthRepeat)),
        }
        i += repeat;
    }

    if all[END_OF_BLOCK] == 0 {
        return Err(HeaderError::Bad(ErrorKind::NoEndOfBlock));
    }
    if kraft(&all[..literals]) == Kraft::Invalid {
        return Err(HeaderError::Bad(ErrorKind::LiteralCode));
    }
    if kraft(&all[literals..total]) == Kraft::Invalid {
        return Err(HeaderError::Bad(ErrorKind::DistanceCode));
    }
    lengths.literal = [0; LITERALS];
    lengths.literal[..literals].copy_from_slice(&all[..literals]);
    lengths.distance = [0; DISTANCES];
    lengths.distance[..distances].copy_from_slice(&all[literals..total]);
    Ok(())
}

/// The table for the code length code, with `count` lengths of 3 bits each. It has a 7-bit index;
/// an entry is `symbol << 3 | length`.
fn code_length_table(bits: &mut Bits<'_>, count: usize) -> Result<[u8; 128], HeaderError> {
    let packed = bits.peek();
    bits.skip(count * 3)?;
    let mut code = [0u8; 19];
    for (i, &symbol) in ORDER[..count].iter().enumerate() {
        code[symbol] = (packed >> (3 * i) & 7) as u8;
    }
    let mut lengths = [0u8; 8];
    for &l in &code {
        lengths[l as usize] += 1;
    }
    lengths[0] = 0;
    let mut next = [0u8; 8];
    let mut first = 0u32;
    for l in 1..8 {
        first = (first + u32::from(lengths[l - 1])) << 1;
        if first + u32::from(lengths[l]) > 1 << l {
            return Err(HeaderError::Bad(ErrorKind::CodeLengthCode));
        }
        #[allow(clippy::cast_possible_truncation)] // at most 2^7
        {
            next[l] = first as u8;
        }
    }
    if first + u32::from(lengths[7]) != 1 << 7 {
        return Err(HeaderError::Bad(ErrorKind::CodeLengthCode));
    }
    let mut table = [0u8; 128];
    for (symbol, &l) in code.iter().enumerate() {
        if l == 0 {
            continue;
        }
        let start = (next[l as usize].reverse_bits() >> (8 - l)) as usize;
        next[l as usize] += 1;
        #[allow(clippy::cast_possible_truncation)] // symbol < 19
        let entry = (symbol as u8) << 3 | l;
        for slot in table[start..].iter_mut().step_by(1 << l) {
            *slot = entry;
        }
    }
    Ok(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kraft_knows_the_degenerate_codes() {
        assert_eq!(kraft(&[]), Kraft::Degenerate);
        assert_eq!(kraft(&[0, 0]), Kraft::Degenerate);
        assert_eq!(kraft(&[0, 1]), Kraft::Degenerate);
        assert_eq!(kraft(&[1, 1]), Kraft::Complete);
        assert_eq!(kraft(&[1, 2, 2]), Kraft::Complete);
        assert_eq!(kraft(&[1, 2]), Kraft::Invalid);
        assert_eq!(kraft(&[2]), Kraft::Invalid);
        assert_eq!(kraft(&[1, 1, 1]), Kraft::Invalid);
        assert_eq!(kraft(&CodeLengths::fixed().literal), Kraft::Complete);
        assert_eq!(kraft(&CodeLengths::fixed().distance), Kraft::Complete);
    }

    #[test]
    fn a_header_ending_early_says_so() {
        let mut lengths = CodeLengths::NONE;
        let mut bits = Bits::new(&[0, 0], 3);
        assert!(matches!(read_dynamic(&mut bits, &mut lengths), Err(HeaderError::End)));
    }
}
