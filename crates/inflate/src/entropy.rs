//! The inner loop: bits into tokens, without the window.

// Registers hold mixtures of fields; every narrowing below cuts off what is not meant.
#![allow(clippy::cast_possible_truncation)]
// The one loop that all time goes into. Bounds are checked once a turn, against the slack that a
// turn can use at most.
#![allow(unsafe_code)]

use crate::error::ErrorKind;
use crate::huffman::{
    DISTANCE_BITS, LITERAL, LITERAL_BITS, OTHER, OTHER_END, OTHER_MASK, OTHER_SECOND, Tables,
};
use crate::input::Input;
use crate::tokens::{MAX_RUN, ONLY, SLACK, Tokens, match_command};

/// Bytes that must lie behind the next one to read for a turn of the fast loop: two refills, each
/// reading 8 and moving on by at most 7.
const TURN: usize = 16;
/// Bytes that must lie ahead for the fast loop to get anywhere: it reads 7 in advance.
pub(crate) const INPUT_SLACK: usize = TURN + 8;

/// Why decoding stopped inside a block.
#[derive(Debug)]
pub(crate) enum Exit {
    /// The end-of-block code was read.
    EndOfBlock,
    /// The tokens are full.
    Full,
    /// Fewer than [`INPUT_SLACK`] bytes are left in memory.
    Starved,
    /// The fast loop met bits that are no symbol, and stopped before them.
    Odd,
}

/// Why a single symbol could not be decoded; nothing of it was consumed.
#[derive(Debug)]
pub(crate) enum SymbolError {
    /// The bits end inside it.
    End,
    Bad(ErrorKind),
}

/// Decodes symbols of the current block until something else is to be done.
pub(crate) fn decode(
    input: &mut Input,
    tables: &Tables,
    tokens: &mut Tokens,
) -> Result<Exit, SymbolError> {
    loop {
        if input.ahead() >= INPUT_SLACK {
            let (bit, exit) = fast(input.bytes(), input.bit, tables, tokens);
            input.bit = bit;
            match exit {
                Exit::Odd => {}
                Exit::Starved if input.at_end => {}
                other => return Ok(other),
            }
        } else if !input.at_end {
            return Ok(Exit::Starved);
        }
        // The last bytes of the source, or a symbol that is none.
        while !tokens.is_full() {
            if symbol(input, tables, tokens)? {
                return Ok(Exit::EndOfBlock);
            }
            if input.ahead() >= INPUT_SLACK {
                break;
            }
        }
        if tokens.is_full() {
            return Ok(Exit::Full);
        }
    }
}

/// Decodes one symbol with every check; true if it ends the block.
pub(crate) fn symbol(
    input: &mut Input,
    tables: &Tables,
    tokens: &mut Tokens,
) -> Result<bool, SymbolError> {
    let bits = input.bits();
    let (word, left) = (bits.peek(), bits.left());
    let mut e = tables.literal[(word & ((1 << LITERAL_BITS) - 1)) as usize];
    if e & OTHER_MASK == OTHER_SECOND {
        let high = word >> LITERAL_BITS & ((1 << (15 - LITERAL_BITS)) - 1);
        e = tables.literal[(e >> 16) as usize + high as usize];
    }
    let mut used = (e & 63) as usize;
    if e & LITERAL != 0 {
        let first = (e >> 16) as u8;
        // One at a time, so that a pair whose second half lies past the end gives its first.
        used = usize::from(tables.lengths.literal[usize::from(first)]);
        if used > left {
            return Err(SymbolError::End);
        }
        tokens.push_literal(first);
        input.bit += used;
        return Ok(false);
    }
    if used > left {
        return Err(SymbolError::End);
    }
    if e & OTHER != 0 {
        if e & OTHER_MASK != OTHER_END {
            return Err(SymbolError::Bad(ErrorKind::LiteralSymbol));
        }
        input.bit += used;
        return Ok(true);
    }
    let length = extra(word, e) + (e >> 16);
    let rest = word >> used;
    let mut d = tables.distance[(rest & ((1 << DISTANCE_BITS) - 1)) as usize];
    if d & OTHER_MASK == OTHER_SECOND {
        let high = rest >> DISTANCE_BITS & ((1 << (15 - DISTANCE_BITS)) - 1);
        d = tables.distance[(d >> 16) as usize + high as usize];
    }
    used += (d & 63) as usize;
    if used > left {
        return Err(SymbolError::End);
    }
    if d & OTHER != 0 {
        return Err(SymbolError::Bad(ErrorKind::DistanceSymbol));
    }
    tokens.push_match(length, extra(rest, d) + (d >> 16));
    input.bit += used;
    Ok(false)
}

/// The extra bits of a length or distance entry whose code begins at bit 0 of `word`.
#[inline(always)]
fn extra(word: u64, entry: u32) -> u32 {
    let all = word & !(!0u64).wrapping_shl(entry & 63);
    all.wrapping_shr(entry >> 8 & 15) as u32
}

fn fast(input: &[u8], bit: usize, tables: &Tables, tokens: &mut Tokens) -> (usize, Exit) {
    assert!(bit / 8 + INPUT_SLACK <= input.len());
    assert!(tokens.cap <= tokens.buffer.len());
    assert!(tokens.literals <= tokens.commands && tokens.commands <= tokens.cap);
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("bmi1") && std::arch::is_x86_feature_detected!("bmi2") {
        // SAFETY: the features are there, and `turns` has its conditions from the asserts above.
        return unsafe { fast_bmi2(input, bit, tables, tokens) };
    }
    // SAFETY: as above.
    unsafe { turns(input, bit, tables, tokens) }
}

/// # Safety
/// As [`turns`], on a processor with BMI1 and BMI2.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "bmi1,bmi2")]
unsafe fn fast_bmi2(
    input: &[u8],
    bit: usize,
    tables: &Tables,
    tokens: &mut Tokens,
) -> (usize, Exit) {
    // SAFETY: the caller's.
    unsafe { turns(input, bit, tables, tokens) }
}

/// # Safety
/// At least [`INPUT_SLACK`] bytes of `input` lie at and behind `bit`; the tokens' literals end at
/// or before its commands, which end at its capacity, within its buffer.
#[inline(always)]
unsafe fn turns(input: &[u8], bit: usize, tables: &Tables, tokens: &mut Tokens) -> (usize, Exit) {
    let base = input.as_ptr();
    let last = input.len() - TURN;
    let mut next = bit / 8;
    let out = tokens.buffer.as_mut_ptr();
    let mut literals = tokens.literals;
    let mut commands = tokens.commands;
    let mut covered = tokens.covered;

    // Bits in hand. Only the low 8 bits of `count` count them; above is what entries leave there.
    // The bits of `hand` past the count are either zero or the right ones.
    let mut hand: u64 = 0;
    let mut count: u32 = 0;

    // Reads until 56 to 63 bits are in hand.
    macro_rules! refill {
        () => {
            // SAFETY: a turn begins with `next` at most `last` and refills twice, each time
            // moving on by at most 7 bytes and reading 8: within TURN.
            let word = unsafe { base.add(next).cast::<u64>().read_unaligned() };
            hand |= u64::from_le(word).wrapping_shl(count);
            next += 7 - (count as usize >> 3 & 7);
            count |= 56;
        };
    }
    macro_rules! consume {
        ($entry:expr) => {
            hand = hand.wrapping_shr($entry);
            count = count.wrapping_sub($entry);
        };
    }
    // Looks a literal, pair or length up; the index is below the first table's size.
    macro_rules! look_up {
        () => {
            tables.literal[hand as usize & ((1 << LITERAL_BITS) - 1)]
        };
    }
    macro_rules! put_literals {
        ($entry:expr) => {
            // SAFETY: a turn begins with SLACK bytes between literals and commands, and writes
            // at most three commands and 8 literals.
            unsafe {
                out.add(literals).cast::<u16>().write_unaligned((($entry >> 16) as u16).to_le())
            };
            literals += ($entry >> 8 & 3) as usize;
            consume!($entry);
        };
    }

    refill!();
    consume!(bit as u32 & 7);
    let exit = loop {
        if next > last {
            break Exit::Starved;
        }
        if commands - literals < SLACK {
            break Exit::Full;
        }
        refill!();
        let mut e = look_up!();
        if e & LITERAL != 0 {
            put_literals!(e);
            e = look_up!();
            if e & LITERAL != 0 {
                put_literals!(e);
                e = look_up!();
                if e & LITERAL != 0 {
                    put_literals!(e);
                    continue;
                }
            }
        }
        // At most 24 bits are used, at least 32 in hand: enough for a length with its extra bits.
        if e & OTHER != 0 {
            if e & OTHER_MASK == OTHER_SECOND {
                let high = (hand >> LITERAL_BITS) as usize & ((1 << (15 - LITERAL_BITS)) - 1);
                e = tables.literal[(e >> 16) as usize + high];
                if e & LITERAL != 0 {
                    put_literals!(e);
                    continue;
                }
            }
            if e & OTHER != 0 {
                if e & OTHER_MASK == OTHER_END {
                    consume!(e & 63);
                    break Exit::EndOfBlock;
                }
                break Exit::Odd;
            }
        }
        let (hand_before, count_before, next_before) = (hand, count, next);
        let length = extra(hand, e) + (e >> 16);
        consume!(e);
        refill!();
        let mut d = tables.distance[hand as usize & ((1 << DISTANCE_BITS) - 1)];
        if d & OTHER != 0 {
            if d & OTHER_MASK == OTHER_SECOND {
                let high = (hand >> DISTANCE_BITS) as usize & ((1 << (15 - DISTANCE_BITS)) - 1);
                d = tables.distance[(d >> 16) as usize + high];
            }
            if d & OTHER != 0 {
                (hand, count, next) = (hand_before, count_before, next_before);
                break Exit::Odd;
            }
        }
        let distance = extra(hand, d) + (d >> 16);
        consume!(d);
        let mut run = literals - covered;
        covered = literals;
        if run > MAX_RUN {
            commands -= 4;
            // SAFETY: as in put_literals.
            unsafe { out.add(commands).cast::<u32>().write_unaligned((ONLY | run as u32).to_le()) };
            run = 0;
        }
        commands -= 4;
        // SAFETY: as in put_literals.
        unsafe {
            out.add(commands)
                .cast::<u32>()
                .write_unaligned(match_command(run, length, distance).to_le());
        }
    };
    let _ = hand;
    tokens.literals = literals;
    tokens.commands = commands;
    tokens.covered = covered;
    (next * 8 - (count & 63) as usize, exit)
}
