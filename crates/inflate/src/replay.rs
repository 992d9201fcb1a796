//! Tokens into bytes: literals and copies out of the window.

// Commands are 32 bits and the output is shorter than the address space.
#![allow(clippy::cast_possible_truncation)]
// Copies of 32 bytes, which may write beyond their target, within the checked slack.
#![allow(unsafe_code)]

use crate::tokens::{COMMAND, MAX_RUN, ONLY, Tokens};

/// How far back a match can reach.
pub(crate) const WINDOW: usize = 32 << 10;
/// Size of a wide copy: most literal runs and most matches take one, without a branch.
const WIDE: usize = 32;
/// Size of a copy for matches from less than [`WIDE`] bytes back.
const HALF: usize = 16;
/// Bytes a match command can produce, rounded up to whole wide copies, and one more of them.
const OUT_SLACK: usize = (MAX_RUN + 258).next_multiple_of(WIDE) + 2 * WIDE;

/// Why a call ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Replayed {
    /// All tokens are used.
    Drained,
    /// The output is full, or the soft limit reached.
    Full,
    /// The next match reaches back before the member's first byte.
    TooFar,
}

/// The last bytes before the current output, and a command that did not fit into the previous
/// output.
pub(crate) struct Replay {
    /// The newest byte is the last.
    window: Box<[u8]>,
    /// Remaining literals of the current command.
    literals: usize,
    /// Length and distance of the match after them.
    copy: (usize, usize),
}

impl Replay {
    pub(crate) fn new() -> Self {
        Self { window: vec![0; WINDOW].into_boxed_slice(), literals: 0, copy: (0, 0) }
    }

    /// Drops the current command at the start of a member.
    pub(crate) fn reset(&mut self) {
        self.literals = 0;
        self.copy = (0, 0);
    }

    /// Whether a command is half done.
    pub(crate) fn is_pending(&self) -> bool {
        self.literals > 0 || self.copy.0 > 0
    }

    /// Keeps the end of `out` for the matches of the next output.
    pub(crate) fn remember(&mut self, out: &[u8]) {
        if let Some(tail) = out.len().checked_sub(WINDOW) {
            self.window.copy_from_slice(&out[tail..]);
        } else {
            self.window.copy_within(out.len().., 0);
            self.window[WINDOW - out.len()..].copy_from_slice(out);
        }
    }

    /// Writes tokens to `out` from `at` on until they are used up, `soft` is reached or `out` is
    /// full. `before` is the number of this member's bytes that precede `out`; if the member
    /// started inside `out`, it is minus its position.
    pub(crate) fn run(
        &mut self,
        tokens: &mut Tokens,
        out: &mut [u8],
        at: &mut usize,
        soft: usize,
        before: i64,
    ) -> Replayed {
        loop {
            if self.is_pending() {
                match self.finish(tokens, out, at, before) {
                    Replayed::Drained => {}
                    other => return other,
                }
            }
            if *at >= soft {
                return Replayed::Full;
            }
            fast(tokens, out, at, soft, before);
            if tokens.is_drained() {
                return Replayed::Drained;
            }
            if *at >= soft {
                return Replayed::Full;
            }
            // A command that the fast loop left: at the end of the output, a match into the window,
            // or one that reaches too far.
            tokens.next_command -= COMMAND;
            let command = tokens.command(tokens.next_command);
            if command >= ONLY {
                self.literals = (command & !ONLY) as usize;
            } else {
                self.literals = (command >> 23) as usize;
                self.copy = ((command >> 15 & 0xff) as usize + 3, (command & 0x7fff) as usize + 1);
            }
        }
    }

    /// Carries out the pending command with every check.
    fn finish(
        &mut self,
        tokens: &mut Tokens,
        out: &mut [u8],
        at: &mut usize,
        before: i64,
    ) -> Replayed {
        let n = self.literals.min(out.len() - *at);
        out[*at..*at + n]
            .copy_from_slice(&tokens.buffer[tokens.next_literal..tokens.next_literal + n]);
        tokens.next_literal += n;
        *at += n;
        self.literals -= n;
        if self.literals > 0 {
            return Replayed::Full;
        }
        let (mut length, distance) = self.copy;
        if length == 0 {
            return Replayed::Drained;
        }
        if distance > reach(*at, before) {
            return Replayed::TooFar;
        }
        // The part that is in the window.
        if distance > *at {
            let from = WINDOW + *at - distance;
            let n = length.min(WINDOW - from).min(out.len() - *at);
            out[*at..*at + n].copy_from_slice(&self.window[from..from + n]);
            *at += n;
            length -= n;
        }
        while length > 0 && *at < out.len() {
            let n = length.min(distance).min(out.len() - *at);
            out.copy_within(*at - distance..*at - distance + n, *at);
            *at += n;
            length -= n;
        }
        self.copy.0 = length;
        if length > 0 { Replayed::Full } else { Replayed::Drained }
    }
}

/// Number of bytes of the current member before position `at` of the output.
fn reach(at: usize, before: i64) -> usize {
    let before_here = usize::try_from(before.unsigned_abs()).unwrap_or(usize::MAX / 2);
    if before < 0 { at.saturating_sub(before_here) } else { at.saturating_add(before_here) }
}

/// Commands with enough space whose matches are within `out`.
fn fast(tokens: &mut Tokens, out: &mut [u8], at: &mut usize, soft: usize, before: i64) {
    let Some(end) = out.len().checked_sub(OUT_SLACK) else { return };
    let end = end.min(soft);
    // Of the bytes of `out` before the current one, those of earlier members do not count.
    let foreign = usize::try_from(-before.min(0)).unwrap_or(usize::MAX);
    // Literals of every command lie before the commands, and these within the buffer; a wide read
    // after the last literals needs up to WIDE more bytes, which the check on `last` keeps.
    assert!(tokens.next_literal <= tokens.literals && tokens.literals <= tokens.commands);
    assert!(tokens.commands <= tokens.next_command && tokens.next_command <= tokens.buffer.len());
    let Some(last) = tokens.buffer.len().checked_sub(MAX_RUN + 2 * WIDE) else { return };
    let buffer = tokens.buffer.as_ptr();
    let base = out.as_mut_ptr();
    let (mut literal, mut command_at, mut o) = (tokens.next_literal, tokens.next_command, *at);
    while o < end && command_at > tokens.commands && literal <= last {
        // SAFETY: `command_at` is above `tokens.commands`, both multiples of 4 below the end.
        let command = u32::from_le(unsafe {
            buffer.add(command_at - COMMAND).cast::<u32>().read_unaligned()
        });
        let run = (command >> 23) as usize;
        if command >= ONLY {
            break;
        }
        let length = (command >> 15 & 0xff) as usize + 3;
        let distance = (command & 0x7fff) as usize + 1;
        if distance + foreign > o + run {
            break;
        }
        command_at -= COMMAND;
        // SAFETY: `o` is OUT_SLACK or more below the end of `out`, and run + length is at most
        // MAX_RUN + 258; each copy writes at most WIDE bytes after its part. Reads of
        // literals: `literal + run + WIDE` is within the buffer by `last`. Reads of the match
        // begin at or after `out`'s start by the check above, and each piece it copies lies
        // before what was written.
        unsafe {
            copy_all::<WIDE>(buffer.add(literal), base.add(o), run);
            literal += run;
            o += run;
            copy_match(base.add(o), distance, length);
            o += length;
        }
    }
    tokens.next_literal = literal;
    tokens.next_command = command_at;
    *at = o;
}

/// # Safety
/// `N` bytes can be read at `from` and written at `to`.
#[inline(always)]
unsafe fn copy<const N: usize>(from: *const u8, to: *mut u8) {
    // SAFETY: the caller's. Reading all before writing makes overlap harmless.
    unsafe { to.cast::<[u8; N]>().write_unaligned(from.cast::<[u8; N]>().read_unaligned()) };
}

/// Copies `N` bytes at a time until `length` are; the last copy may write after them.
///
/// # Safety
/// `length` rounded up to a multiple of `N`, at least `N`, can be read at `from` and written at
/// `to`, which is at least `N` after it or does not overlap it.
#[inline(always)]
unsafe fn copy_all<const N: usize>(mut from: *const u8, mut to: *mut u8, length: usize) {
    // SAFETY: the caller's; the loop stops at the first copy that reaches the end.
    unsafe {
        copy::<N>(from, to);
        if length > N {
            let end = to.add(length);
            while {
                from = from.add(N);
                to = to.add(N);
                to < end
            } {
                copy::<N>(from, to);
            }
        }
    }
}

/// Copies `length` bytes from `distance` bytes before `to`, which may overlap.
///
/// # Safety
/// `distance` bytes lie before `to`; `length` bytes and [`WIDE`] more fit after it.
#[inline(always)]
unsafe fn copy_match(to: *mut u8, distance: usize, length: usize) {
    // SAFETY: the caller's.
    unsafe {
        if distance >= WIDE {
            copy_all::<WIDE>(to.sub(distance), to, length);
        } else if distance >= HALF {
            copy_all::<HALF>(to.sub(distance), to, length);
        } else {
            copy_pattern(to, distance, length);
        }
    }
}

/// As [`copy_match`], from less than [`HALF`] bytes back.
///
/// # Safety
/// As [`copy_match`].
unsafe fn copy_pattern(mut to: *mut u8, distance: usize, length: usize) {
    // SAFETY: the caller's; both loops stop at the first copy that reaches the end.
    unsafe {
        if distance == 1 {
            to.write_bytes(to.sub(1).read(), length);
            return;
        }
        let end = to.add(length);
        let mut period = distance;
        while period < HALF && to < end {
            // The `period` bytes before `to` are copied once and so double; what a copy writes
            // after them is overwritten by the next.
            copy::<HALF>(to.sub(period), to);
            to = to.add(period);
            period *= 2;
        }
        while to < end {
            copy::<HALF>(to.sub(period), to);
            to = to.add(HALF);
        }
    }
}
