//! The inner loop: bits into tokens, without the window.

// Registers hold mixtures of fields; every narrowing cast cuts off unneeded bits.
#![allow(clippy::cast_possible_truncation)]
// The hottest loop. Bounds are checked once per turn, against the most that a turn can use.
#![allow(unsafe_code)]

use crate::block::MAX_CODE;
use crate::error::ErrorKind;
use crate::hashing::HashQueue;
#[cfg(target_arch = "x86_64")]
use crate::hashing::{Lent, rounds::Rounds};
use crate::huffman::{
    DISTANCE_BITS, LITERAL, LITERAL_BITS, OTHER, OTHER_END, OTHER_MASK, OTHER_SECOND, Tables,
};
use crate::input::Input;
use crate::tokens::{COMMAND, MAX_RUN, ONLY, SLACK, Tokens, match_command};

/// Bytes that must follow the next byte for a turn of the fast loop: two refills, each of which
/// reads 8 and advances by at most 7.
const TURN: usize = 16;
/// Bytes that must be ahead for the fast loop to make progress: it reads 7 in advance.
pub(crate) const INPUT_SLACK: usize = TURN + 8;

/// Bits in hand after a refill.
const FILLED: usize = 56;
/// Bits of a length and of a distance, with their extra bits.
const LENGTH: usize = MAX_CODE + 5;
const DISTANCE: usize = MAX_CODE + 13;
// The first look-up after a refill is made before it, with the bits that were left.
const _: () = {
    assert!(FILLED - 7 >= LITERAL_BITS && FILLED - DISTANCE >= LITERAL_BITS);
    assert!(FILLED - 3 * LITERAL_BITS >= LITERAL_BITS);
    assert!(FILLED - 2 * LITERAL_BITS - MAX_CODE >= LITERAL_BITS);
    assert!(FILLED - 2 * LITERAL_BITS - LENGTH >= DISTANCE_BITS);
};

/// Why decoding stopped inside a block.
#[derive(Debug)]
pub(crate) enum Exit {
    /// The end-of-block code was read.
    EndOfBlock,
    /// The tokens are full.
    Full,
    /// Fewer than [`INPUT_SLACK`] bytes are left in memory.
    Starved,
    /// The fast loop stopped before an invalid symbol.
    Odd,
    /// The queue has no more bytes to hash.
    #[cfg_attr(not(target_arch = "x86_64"), allow(dead_code))]
    Hashed,
}

/// Why a single symbol could not be decoded; no part of it was consumed.
#[derive(Debug)]
pub(crate) enum SymbolError {
    /// The bits end inside it.
    End,
    Bad(ErrorKind),
}

/// Decodes symbols of the current block until another step is due. Hashes queued bytes in `hashes`
/// at the same time.
pub(crate) fn decode(
    input: &mut Input,
    tables: &Tables,
    tokens: &mut Tokens,
    hashes: Option<&HashQueue>,
) -> Result<Exit, SymbolError> {
    let mut beside = Beside::of(hashes);
    loop {
        if input.ahead() >= INPUT_SLACK {
            match fast(Lane { input, tables, tokens }, &mut beside) {
                Exit::Odd => {}
                Exit::Hashed => continue,
                Exit::Starved if input.at_end => {}
                other => return Ok(other),
            }
        } else if !input.at_end {
            return Ok(Exit::Starved);
        }
        // The last bytes of the source, or an invalid symbol.
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
        // Symbols are decoded one at a time, so a pair whose second half is past the end yields its
        // first.
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

/// The extra bits of a length or distance entry whose code starts at bit 0 of `word`.
#[inline(always)]
fn extra(word: u64, entry: u32) -> u32 {
    let all = word & !(!0u64).wrapping_shl(entry & 63);
    all.wrapping_shr(entry >> 8 & 15) as u32
}

/// The bytes hashed at the same time, if any.
#[cfg(target_arch = "x86_64")]
struct Beside<'a>(Option<Lent<'a>>);
#[cfg(not(target_arch = "x86_64"))]
struct Beside;

#[cfg(target_arch = "x86_64")]
impl<'a> Beside<'a> {
    fn of(hashes: Option<&'a HashQueue>) -> Self {
        Self(hashes.and_then(HashQueue::lend))
    }
}

#[cfg(not(target_arch = "x86_64"))]
impl Beside {
    fn of(_: Option<&HashQueue>) -> Self {
        Self
    }
}

#[cfg(target_arch = "x86_64")]
fn fast(lane: Lane<'_>, beside: &mut Beside<'_>) -> Exit {
    if !std::arch::is_x86_feature_detected!("bmi1") || !std::arch::is_x86_feature_detected!("bmi2")
    {
        return turns(lane);
    }
    let Some(lent) = &mut beside.0 else {
        // SAFETY: the features are there.
        return unsafe { turns_bmi(lane) };
    };
    // Two steps a turn cost next to nothing, but they keep pace only if every thread hashes all the
    // time.
    // SAFETY: the features are there, and no hash is lent without its own instructions.
    let (exit, more) = if lent.is_behind() {
        unsafe { turns_hashing::<4>(lane, lent) }
    } else {
        unsafe { turns_hashing::<2>(lane, lent) }
    };
    if !more {
        beside.0 = None;
    }
    exit
}

#[cfg(not(target_arch = "x86_64"))]
fn fast(lane: Lane<'_>, _: &mut Beside) -> Exit {
    turns(lane)
}

/// Runs turns with `N` steps of a hash between two turns; returns whether there is more to hash.
///
/// # Safety The processor has BMI1, BMI2 and the instructions for SHA-256.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "bmi1,bmi2,sha,sse4.1,ssse3")]
unsafe fn turns_hashing<const N: usize>(mut lane: Lane<'_>, lent: &mut Lent<'_>) -> (Exit, bool) {
    let (state, blocks) = lent.work();
    let all = blocks.len();
    let Some(mut rounds) = Rounds::begin(&state, blocks) else { return (Exit::Hashed, false) };
    let mut registers = lane.load();
    let exit = loop {
        // SAFETY: the registers are the result of `load` and of turns.
        if let Some(exit) = unsafe { registers.turn(lane.tables) } {
            break exit;
        }
        if !rounds.steps::<N>() {
            break Exit::Hashed;
        }
    };
    lane.store(&registers);
    let (state, left) = rounds.end();
    (exit, lent.done(state, all - left))
}

/// # Safety
/// The processor has BMI1 and BMI2.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "bmi1,bmi2")]
unsafe fn turns_bmi(lane: Lane<'_>) -> Exit {
    turns(lane)
}

#[inline(always)]
fn turns(mut lane: Lane<'_>) -> Exit {
    let mut registers = lane.load();
    let exit = loop {
        // SAFETY: the registers are the result of `load` and of turns.
        if let Some(exit) = unsafe { registers.turn(lane.tables) } {
            break exit;
        }
    };
    lane.store(&registers);
    exit
}

/// The data of one decoder.
struct Lane<'a> {
    input: &'a mut Input,
    tables: &'a Tables,
    tokens: &'a mut Tokens,
}

/// Its state while it runs. The hash hides the latency of its look-ups. A second decoder in the
/// same loop would not, because its mispredicted branches discard the work of the first. A loop for
/// two decoders without these branches took as long, with some 30 more instructions a symbol, and
/// left no idle time for the hash.
struct Registers {
    /// Bits that were read. Those beyond the count are either zero or correct.
    hand: u64,
    /// Their number; only the low 8 bits count, the others hold remains of entries.
    count: u32,
    /// The next byte to read, and the last one at which a turn may start.
    next: *const u8,
    last: *const u8,
    /// End of the literals, end of the literals that commands cover, and start of the commands.
    literals: *mut u8,
    covered: *mut u8,
    commands: *mut u8,
}

impl Lane<'_> {
    /// Checks everything on which [`Registers::turn`] relies.
    #[inline(always)]
    fn load(&mut self) -> Registers {
        let bit = self.input.bit;
        let input = self.input.bytes();
        let tokens = &mut *self.tokens;
        assert!(bit / 8 + INPUT_SLACK <= input.len());
        assert!(tokens.covered <= tokens.literals && tokens.literals <= tokens.commands);
        assert!(tokens.commands <= tokens.buffer.len());
        let out = tokens.buffer.as_mut_ptr();
        // SAFETY: all offsets lie within their buffers by the asserts; INPUT_SLACK is above TURN.
        let mut r = unsafe {
            Registers {
                hand: 0,
                count: 0,
                next: input.as_ptr().add(bit / 8),
                last: input.as_ptr().add(input.len() - TURN),
                literals: out.add(tokens.literals),
                covered: out.add(tokens.covered),
                commands: out.add(tokens.commands),
            }
        };
        // SAFETY: INPUT_SLACK bytes are ahead.
        unsafe { r.refill() };
        r.consume(bit as u32 & 7);
        r
    }

    #[inline(always)]
    fn store(&mut self, r: &Registers) {
        let input = self.input.bytes().as_ptr() as usize;
        self.input.bit = (r.next as usize - input) * 8 - (r.count & 63) as usize;
        let out = self.tokens.buffer.as_ptr() as usize;
        self.tokens.literals = r.literals as usize - out;
        self.tokens.covered = r.covered as usize - out;
        self.tokens.commands = r.commands as usize - out;
    }
}

impl Registers {
    /// Reads until 56 to 63 bits are available.
    ///
    /// # Safety 8 bytes can be read at `next`, which advances by at most 7.
    #[inline(always)]
    unsafe fn refill(&mut self) {
        // SAFETY: the caller's.
        unsafe {
            let word = u64::from_le(self.next.cast::<u64>().read_unaligned());
            self.hand |= word.wrapping_shl(self.count);
            self.next = self.next.add(7 - (self.count as usize >> 3 & 7));
        }
        self.count |= 56;
    }

    #[inline(always)]
    fn consume(&mut self, entry: u32) {
        self.hand = self.hand.wrapping_shr(entry);
        self.count = self.count.wrapping_sub(entry);
    }

    /// Looks a literal, pair or length up.
    #[inline(always)]
    fn look_up(&self, tables: &Tables) -> u32 {
        tables.literal[self.hand as usize & ((1 << LITERAL_BITS) - 1)]
    }

    /// # Safety
    /// Two bytes can be written after the literals.
    #[inline(always)]
    unsafe fn put_literals(&mut self, entry: u32) {
        // SAFETY: the caller's.
        unsafe {
            self.literals.cast::<u16>().write_unaligned(((entry >> 16) as u16).to_le());
            self.literals = self.literals.add((entry >> 8 & 3) as usize);
        }
        self.consume(entry);
    }

    /// # Safety
    /// Four bytes can be written before the commands.
    #[inline(always)]
    unsafe fn put_command(&mut self, command: u32) {
        // SAFETY: the caller's.
        unsafe {
            self.commands = self.commands.sub(COMMAND);
            self.commands.cast::<u32>().write_unaligned(command.to_le());
        }
    }

    /// Decodes up to three entries of literals, or up to two and a match.
    ///
    /// # Safety The state is the result of [`Lane::load`] and of turns, and nobody else changed the
    /// lane since.
    #[inline(always)]
    unsafe fn turn(&mut self, tables: &Tables) -> Option<Exit> {
        if self.next > self.last {
            return Some(Exit::Starved);
        }
        if (self.commands as usize) - (self.literals as usize) < SLACK {
            return Some(Exit::Full);
        }
        // SAFETY: a turn starts with TURN bytes at `next` and SLACK between literals and commands.
        // It refills twice, each time reading 8 bytes and advancing by at most 7, and writes at
        // most two commands and 8 bytes of literals.
        unsafe {
            // Bits are read while the table is accessed: there are enough of them left for the
            // look-up.
            let mut e = self.look_up(tables);
            self.refill();
            if e & LITERAL != 0 {
                self.put_literals(e);
                e = self.look_up(tables);
                if e & LITERAL != 0 {
                    self.put_literals(e);
                    e = self.look_up(tables);
                    if e & LITERAL != 0 {
                        self.put_literals(e);
                        return None;
                    }
                }
            }
            // At most two entries are used, so a length with its extra bits is available.
            if e & OTHER != 0 {
                if e & OTHER_MASK == OTHER_SECOND {
                    let high =
                        (self.hand >> LITERAL_BITS) as usize & ((1 << (15 - LITERAL_BITS)) - 1);
                    e = tables.literal[(e >> 16) as usize + high];
                    if e & LITERAL != 0 {
                        self.put_literals(e);
                        return None;
                    }
                }
                if e & OTHER != 0 {
                    if e & OTHER_MASK == OTHER_END {
                        self.consume(e & 63);
                        return Some(Exit::EndOfBlock);
                    }
                    return Some(Exit::Odd);
                }
            }
            let (hand, count, next) = (self.hand, self.count, self.next);
            let length = extra(self.hand, e) + (e >> 16);
            self.consume(e);
            // As above.
            let mut d = tables.distance[self.hand as usize & ((1 << DISTANCE_BITS) - 1)];
            self.refill();
            if d & OTHER != 0 {
                if d & OTHER_MASK == OTHER_SECOND {
                    let high =
                        (self.hand >> DISTANCE_BITS) as usize & ((1 << (15 - DISTANCE_BITS)) - 1);
                    d = tables.distance[(d >> 16) as usize + high];
                }
                if d & OTHER != 0 {
                    (self.hand, self.count, self.next) = (hand, count, next);
                    return Some(Exit::Odd);
                }
            }
            let distance = extra(self.hand, d) + (d >> 16);
            self.consume(d);
            let mut run = self.literals as usize - self.covered as usize;
            self.covered = self.literals;
            if run > MAX_RUN {
                self.put_command(ONLY | run as u32);
                run = 0;
            }
            self.put_command(match_command(run, length, distance));
        }
        None
    }
}
