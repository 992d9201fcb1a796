//! The output of entropy decoding, for the replay: literal bytes, and commands between them.
//!
//! One buffer holds both. Literals grow up from its start, commands grow down from its end, so
//! that for any mix, the buffer is full only when it is. A command is 32 bits:
//!
//! | bits | a match after literals | literals only |
//! | --- | --- | --- |
//! | 23..32 | literals before it, 0 to 510 | 511 |
//! | 15..23 | length - 3 | number of literals, |
//! | 0..15 | distance - 1 | below 2^23 |

// Counts are bounded by the buffer, which is smaller than 2^23 bytes.
#![allow(clippy::cast_possible_truncation)]

/// Size of a command in bytes.
pub(crate) const COMMAND: usize = 4;
/// Maximum number of literals of a match command.
pub(crate) const MAX_RUN: usize = 510;
/// The run that marks a command as literals only.
pub(crate) const ONLY: u32 = 511 << 23;
/// Maximum size of a buffer: a literals-only command counts in 23 bits.
pub(crate) const MAX_BUFFER: usize = (1 << 23) - 1;
/// Bytes kept free between literals and commands: the output of one turn of the inner loop (8 bytes
/// of literals, three commands), and the two commands that close the buffer.
pub(crate) const SLACK: usize = 64;
/// Minimum useful size of a buffer.
pub(crate) const MIN_BUFFER: usize = 4 * SLACK;

/// Packs a match after at most [`MAX_RUN`] literals.
#[inline(always)]
pub(crate) fn match_command(run: usize, length_base: u32, distance_base: u32) -> u32 {
    (run as u32) << 23 | length_base << 15 | distance_base
}

/// A buffer of tokens, filled by the decoder and drained by the replay.
pub(crate) struct Tokens {
    pub(crate) buffer: Vec<u8>,
    /// Number of bytes of the buffer in use.
    pub(crate) cap: usize,
    /// End of the literals.
    pub(crate) literals: usize,
    /// Start of the commands; the newest is the lowest.
    pub(crate) commands: usize,
    /// End of the literals that a command already covers.
    pub(crate) covered: usize,
    /// The first literal that was not replayed.
    pub(crate) next_literal: usize,
    /// End of the commands that were not replayed: the oldest one is just below it.
    pub(crate) next_command: usize,
}

impl Tokens {
    pub(crate) fn new() -> Self {
        let mut t = Self {
            buffer: Vec::new(),
            cap: 0,
            literals: 0,
            commands: 0,
            covered: 0,
            next_literal: 0,
            next_command: 0,
        };
        t.reset(0);
        t
    }

    /// Empties the buffer and sets its capacity to `cap` bytes.
    pub(crate) fn reset(&mut self, cap: usize) {
        let cap = cap.clamp(MIN_BUFFER, MAX_BUFFER) / COMMAND * COMMAND;
        if self.buffer.len() < cap {
            // A new zeroed vector comes from the system untouched, so unused pages cost nothing;
            // growing in place would touch them.
            self.buffer = vec![0; cap];
        }
        self.cap = cap;
        self.literals = 0;
        self.covered = 0;
        self.next_literal = 0;
        self.commands = cap;
        self.next_command = cap;
    }

    /// Whether another turn of the inner loop might not fit.
    pub(crate) fn is_full(&self) -> bool {
        self.commands - self.literals < SLACK
    }

    /// Number of bytes that may still be written as literals.
    pub(crate) fn room(&self) -> usize {
        (self.commands - self.literals).saturating_sub(SLACK)
    }

    /// Whether everything was replayed.
    pub(crate) fn is_drained(&self) -> bool {
        self.next_command == self.commands
    }

    #[inline(always)]
    fn push(&mut self, command: u32) {
        self.commands -= COMMAND;
        self.buffer[self.commands..self.commands + COMMAND].copy_from_slice(&command.to_le_bytes());
    }

    pub(crate) fn push_literal(&mut self, byte: u8) {
        self.buffer[self.literals] = byte;
        self.literals += 1;
    }

    pub(crate) fn push_literals(&mut self, bytes: &[u8]) {
        self.buffer[self.literals..self.literals + bytes.len()].copy_from_slice(bytes);
        self.literals += bytes.len();
    }

    pub(crate) fn push_match(&mut self, length_base: u32, distance_base: u32) {
        if self.literals - self.covered > MAX_RUN {
            self.close();
        }
        let run = self.literals - self.covered;
        self.covered = self.literals;
        self.push(match_command(run, length_base, distance_base));
    }

    /// Covers the last literals with a command.
    pub(crate) fn close(&mut self) {
        let run = self.literals - self.covered;
        if run > 0 {
            self.covered = self.literals;
            self.push(ONLY | run as u32);
        }
    }
}

impl Tokens {
    /// Adds the output of all tokens to `produced`. Stops at a match whose distance is larger than
    /// the output before it, and returns that distance.
    pub(crate) fn far_match(&self, produced: &mut u64) -> Option<u32> {
        let mut at = self.next_command;
        while at > self.commands {
            at -= COMMAND;
            let command = self.command(at);
            if command >= ONLY {
                *produced += u64::from(command & !ONLY);
                continue;
            }
            *produced += u64::from(command >> 23);
            let distance = (command & 0x7fff) + 1;
            if u64::from(distance) > *produced {
                return Some(distance);
            }
            *produced += u64::from(command >> 15 & 0xff) + 3;
        }
        None
    }

    #[inline]
    pub(crate) fn command(&self, at: usize) -> u32 {
        match self.buffer.get(at..at + COMMAND).and_then(|b| b.first_chunk::<COMMAND>()) {
            Some(b) => u32::from_le_bytes(*b),
            None => ONLY,
        }
    }
}
