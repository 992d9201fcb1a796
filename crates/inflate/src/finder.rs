//! Finds where a dynamic block may start.
//!
//! This is only a guess: data decoded from a wrong position is dropped once the true one is known.
//! The search must be cheap (half a block is searched per segment) and rarely wrong.

use crate::block::{CodeLengths, Kraft, MAX_HEADER_BYTES, kraft, read_dynamic};
use crate::input::Input;
use crate::source::ReadAt;
use std::io;

/// Sums of the Kraft terms of four 3-bit lengths, in units of 2^-7: a code is complete at 128.
static KRAFT4: [u16; 4096] = {
    let mut table = [0; 4096];
    let mut i = 0;
    while i < table.len() {
        let mut l = i;
        while l > 0 {
            if l & 7 != 0 {
                table[i] += 128 >> (l & 7);
            }
            l >>= 3;
        }
        i += 1;
    }
    table
};

/// Number of bits that the first filter examines at each position.
const FILTER: u32 = 13;
/// Number of positions tested at once: those of the 57 bits of a peek that are followed by FILTER
/// bits.
const BATCH: u32 = 57 - FILTER + 1;

/// Moves `input` to the first plausible start of a dynamic block (not the last of its stream) in
/// the source's bits from `from` to `to`; false if there is none, or it was cancelled.
pub(crate) fn find(
    input: &mut Input,
    source: &dyn ReadAt,
    from: u64,
    to: u64,
    cancelled: &dyn Fn() -> bool,
) -> io::Result<bool> {
    let mut lengths = CodeLengths::NONE;
    input.seek(from);
    loop {
        if cancelled() {
            return Ok(false);
        }
        input.need(source, MAX_HEADER_BYTES + 8)?;
        // Positions whose whole header is in memory; at the end of the source, all.
        let reach = if input.at_end { 0 } else { MAX_HEADER_BYTES };
        let here = input.position();
        let rest = usize::try_from(to.saturating_sub(here)).unwrap_or(usize::MAX);
        let count = (input.ahead().saturating_sub(reach) * 8).min(rest);
        if let Some(bit) = scan(input, count, &mut lengths) {
            input.bit = bit;
            return Ok(true);
        }
        if count == rest || input.at_end {
            return Ok(false);
        }
        input.bit += count;
    }
}

/// The first plausible position among the next `count` bits.
fn scan(input: &Input, count: usize, lengths: &mut CodeLengths) -> Option<usize> {
    let mut bits = input.bits();
    let end = bits.pos + count;
    while bits.pos < end {
        let w = bits.peek();
        // Type 2, not the last block; not the two highest, reserved counts of either code.
        let mut candidates = !w & !(w >> 1) & (w >> 2);
        candidates &= !(w >> 4 & w >> 5 & w >> 6 & w >> 7);
        candidates &= !(w >> 9 & w >> 10 & w >> 11 & w >> 12);
        candidates &= (1 << BATCH) - 1;
        while candidates != 0 {
            let at = bits.pos + candidates.trailing_zeros() as usize;
            candidates &= candidates - 1;
            if at >= end {
                return None;
            }
            let mut header = bits;
            header.pos = at;
            if precode_is_complete(&header) {
                header.pos = at + 3;
                if read_dynamic(&mut header, lengths).is_ok()
                    && kraft(&lengths.literal) == Kraft::Complete
                {
                    return Some(at);
                }
            }
        }
        bits.pos += BATCH as usize;
    }
    None
}

/// Whether the code of code lengths in a header uses all of its bits exactly.
fn precode_is_complete(header: &crate::bits::Bits<'_>) -> bool {
    let count = (header.peek() >> 13 & 15) + 4;
    let mut lengths = *header;
    lengths.pos += 17;
    let l = lengths.peek() & ((1 << (3 * count)) - 1);
    let mut sum = 0;
    for part in 0..5 {
        sum += KRAFT4[(l >> (12 * part) & 4095) as usize];
    }
    sum == 128
}
