//! Resumes decoding after damage: from the next block, without the bytes before it.
//!
//! A block contains its own codes, so decoding can start at any block. Only bytes that its matches
//! copy from earlier data are unknown. Their number falls with every block, since most copies are
//! from nearby.

use crate::finder;
use crate::gzip::read_header;
use crate::segment::{Segment, Stop};
use crate::source::ReadAt;
use crate::tokens::{COMMAND, ONLY, Tokens};
use std::io;

/// An unknown byte: a copy of a byte before the start of decoding.
pub const UNKNOWN: u16 = 256;

/// How far back a match can reach.
const WINDOW: usize = 32 << 10;
/// Bytes of tokens decoded at a time.
const TOKENS: usize = 256 << 10;
/// Number of bytes passed on at a time.
const PIECE: usize = 1 << 20;
/// A position from which fewer bytes can be decoded was not the start of a block.
const LEAST: usize = 8 << 10;

/// Where decoding started, and how it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resumed {
    /// The bit of the source at which the first block starts.
    pub start: u64,
    /// The bit after the last block, or where the data is broken again.
    pub end: u64,
    /// Whether the last block of the stream was decoded. A gzip member's checksum and length come next.
    pub is_whole: bool,
}

/// Finds the first position from bit `from` to bit `to` at which a block starts that can be
/// decoded, and decodes from there to the end of the stream, or to its next break. `take` gets the
/// bytes, each as a number below 256, or [`UNKNOWN`]. `None` if no such position exists.
///
/// # Errors
/// If reading the source or `take` fails.
pub fn resume(
    source: &dyn ReadAt,
    from: u64,
    to: u64,
    take: &mut dyn FnMut(&[u16]) -> io::Result<()>,
) -> io::Result<Option<Resumed>> {
    let mut segment = Segment::new(source.size()?);
    let mut at = from;
    while at < to && finder::find(&mut segment.input, source, at, to, &|| false)? {
        let start = segment.input.position();
        let mut output = Output { bytes: vec![UNKNOWN; WINDOW], begun: false };
        segment.start(start, TOKENS);
        let (end, is_whole) = loop {
            let stop = segment.run(source, u64::MAX, None, &|| false);
            output.replay(&mut segment.tokens);
            output.give(PIECE, take)?;
            match stop {
                Stop::Full | Stop::Cut | Stop::Cancelled => segment.tokens.reset(TOKENS),
                Stop::End => break (segment.input.position(), true),
                Stop::Bad(_, bit) => break (bit, false),
                Stop::Io(e) => return Err(e),
            }
        };
        if output.begun || output.bytes.len() >= WINDOW + LEAST {
            output.give(1, take)?;
            return Ok(Some(Resumed { start, end, is_whole }));
        }
        at = start + 1;
    }
    Ok(None)
}

/// The bit at which the first block starts that is preceded by at least `least` bytes of its
/// member's output. It has to be dynamic and not the last. `None` if there is none, or the member
/// is broken before it. `member` is the byte at which the member starts.
///
/// # Errors
/// If reading the source fails.
pub fn block_after(source: &dyn ReadAt, member: u64, least: u64) -> io::Result<Option<u64>> {
    let Ok(body) = read_header(source, member) else { return Ok(None) };
    let mut segment = Segment::new(source.size()?);
    segment.start(body.saturating_mul(8), TOKENS);
    let mut output = 0u64;
    loop {
        let next = segment.input.position() + 1;
        let stop = segment.run(source, next, None, &|| false);
        while let Some(command) = Command::next(&mut segment.tokens) {
            output += (command.literals + command.length) as u64;
        }
        match stop {
            Stop::Cut if output >= least => return Ok(Some(segment.input.position())),
            Stop::Cut | Stop::Full | Stop::Cancelled => segment.tokens.reset(TOKENS),
            Stop::End | Stop::Bad(..) => return Ok(None),
            Stop::Io(e) => return Err(e),
        }
    }
}

/// A number of literals, followed by a copy.
struct Command {
    literals: usize,
    length: usize,
    distance: usize,
}

impl Command {
    /// Takes the oldest remaining command.
    fn next(tokens: &mut Tokens) -> Option<Self> {
        if tokens.next_command <= tokens.commands {
            return None;
        }
        tokens.next_command -= COMMAND;
        let command = tokens.command(tokens.next_command);
        let (literals, length, distance) = if command >= ONLY {
            (command & !ONLY, 0, 1)
        } else {
            (command >> 23, (command >> 15 & 0xff) + 3, (command & 0x7fff) + 1)
        };
        let [literals, length, distance] = [literals, length, distance].map(|n| n as usize);
        Some(Self { literals, length, distance })
    }
}

/// The decoded bytes, preceded by the window.
struct Output {
    bytes: Vec<u16>,
    /// Whether some were passed on.
    begun: bool,
}

impl Output {
    fn replay(&mut self, tokens: &mut Tokens) {
        while let Some(Command { literals, length, distance }) = Command::next(tokens) {
            let end = tokens.next_literal + literals;
            let literals = tokens.buffer.get(tokens.next_literal..end).unwrap_or(&[]);
            self.bytes.extend(literals.iter().map(|byte| u16::from(*byte)));
            tokens.next_literal = end;
            for _ in 0..length {
                let from = self.bytes.len().checked_sub(distance);
                let byte = from.and_then(|from| self.bytes.get(from)).copied();
                self.bytes.push(byte.unwrap_or(UNKNOWN));
            }
        }
    }

    /// Passes on everything except the window, if that is `least` bytes or more.
    fn give(
        &mut self,
        least: usize,
        take: &mut dyn FnMut(&[u16]) -> io::Result<()>,
    ) -> io::Result<()> {
        // The first `WINDOW` numbers were passed on before, or aren't output.
        let new = self.bytes.len() - WINDOW;
        if new >= least {
            take(&self.bytes[WINDOW..])?;
            self.begun = true;
            self.bytes.drain(..new);
        }
        Ok(())
    }
}
