//! A decoder at one position of the source: turns blocks into tokens, and can resume at any token.

use crate::block::{HeaderError, MAX_HEADER_BYTES, read_dynamic};
use crate::entropy::{self, Exit, INPUT_SLACK, SymbolError};
use crate::error::ErrorKind;
use crate::hashing::HashQueue;
use crate::huffman::Tables;
use crate::input::Input;
use crate::source::ReadAt;
use crate::tokens::Tokens;
use std::io;
use std::sync::{Arc, OnceLock};

/// Why a decoder stopped.
#[derive(Debug)]
pub(crate) enum Stop {
    /// At the start of a block at or after the given bit, where the next segment may start.
    Cut,
    /// After the last block of the deflate stream.
    End,
    /// The tokens are full; another call continues.
    Full,
    /// The stream is damaged at this bit.
    Bad(ErrorKind, u64),
    /// The source could not be read; another call tries again.
    Io(io::Error),
    /// The caller no longer needs it.
    Cancelled,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Header,
    /// Remaining bytes of a stored block.
    Stored(usize),
    Dynamic,
    Fixed,
    Ended,
}

pub(crate) struct Segment {
    pub(crate) input: Input,
    pub(crate) tokens: Tokens,
    tables: Box<Tables>,
    phase: Phase,
    last_block: bool,
}

fn fixed() -> &'static Tables {
    static FIXED: OnceLock<Box<Tables>> = OnceLock::new();
    FIXED.get_or_init(Tables::fixed)
}

/// The three bits of a dynamic block that is not the last: the only kind the finder looks for.
pub(crate) const DYNAMIC_HEADER: u64 = 0b100;

impl Segment {
    /// For a source of `size` bytes.
    pub(crate) fn new(size: u64) -> Self {
        Self {
            input: Input::new(size),
            tokens: Tokens::new(),
            tables: Tables::boxed(),
            phase: Phase::Header,
            last_block: false,
        }
    }

    /// Moves to the start of a block and forgets what was decoded.
    pub(crate) fn start(&mut self, bit: u64, tokens: usize) {
        self.input.seek(bit);
        self.tokens.reset(tokens);
        self.phase = Phase::Header;
        self.last_block = false;
    }

    /// Decodes until the tokens are full, or up to the first start of a dynamic block (not the
    /// last) at or after `stop_bit`. Other blocks there are decoded as well, because no segment
    /// starts at them.
    ///
    /// Bytes that wait in `hashes` are hashed at the same time.
    pub(crate) fn run(
        &mut self,
        source: &dyn ReadAt,
        stop_bit: u64,
        hashes: Option<&HashQueue>,
        cancelled: &dyn Fn() -> bool,
    ) -> Stop {
        let stop = self.blocks(source, stop_bit, hashes, cancelled);
        self.tokens.close();
        stop
    }

    fn blocks(
        &mut self,
        source: &dyn ReadAt,
        stop_bit: u64,
        hashes: Option<&HashQueue>,
        cancelled: &dyn Fn() -> bool,
    ) -> Stop {
        loop {
            match self.phase {
                Phase::Header => {
                    if self.input.ahead() < MAX_HEADER_BYTES && cancelled() {
                        return Stop::Cancelled;
                    }
                    if let Err(e) = self.input.need(source, MAX_HEADER_BYTES) {
                        return Stop::Io(e);
                    }
                    if self.tokens.is_full() {
                        return Stop::Full;
                    }
                    let at = self.input.position();
                    if at >= stop_bit && self.input.bits().peek() & 7 == DYNAMIC_HEADER {
                        return Stop::Cut;
                    }
                    match self.header() {
                        Ok(()) => {}
                        Err(HeaderError::Bad(kind)) => return Stop::Bad(kind, at),
                        Err(HeaderError::End) => return self.truncated(),
                    }
                }
                Phase::Stored(left) => {
                    if self.input.ahead() == 0 {
                        if cancelled() {
                            return Stop::Cancelled;
                        }
                        if let Err(e) = self.input.need(source, INPUT_SLACK) {
                            return Stop::Io(e);
                        }
                        if self.input.ahead() == 0 && left > 0 {
                            return self.truncated();
                        }
                    }
                    let n = left.min(self.input.ahead()).min(self.tokens.room());
                    let from = self.input.bit / 8;
                    self.tokens.push_literals(&self.input.bytes()[from..from + n]);
                    self.input.bit += n * 8;
                    self.phase = Phase::Stored(left - n);
                    if left == n {
                        self.end_block();
                    } else if self.tokens.room() == 0 {
                        return Stop::Full;
                    }
                }
                Phase::Dynamic | Phase::Fixed => {
                    if self.input.ahead() < INPUT_SLACK && cancelled() {
                        return Stop::Cancelled;
                    }
                    if let Err(e) = self.input.need(source, INPUT_SLACK) {
                        return Stop::Io(e);
                    }
                    let tables = if self.phase == Phase::Dynamic { &*self.tables } else { fixed() };
                    match entropy::decode(&mut self.input, tables, &mut self.tokens, hashes) {
                        Ok(Exit::EndOfBlock) => self.end_block(),
                        Ok(Exit::Full) => return Stop::Full,
                        Ok(Exit::Starved | Exit::Odd | Exit::Hashed) => {}
                        Err(SymbolError::End) => return self.truncated(),
                        Err(SymbolError::Bad(kind)) => {
                            return Stop::Bad(kind, self.input.position());
                        }
                    }
                }
                Phase::Ended => return Stop::End,
            }
        }
    }

    fn truncated(&self) -> Stop {
        let end = self.input.position() / 8 + self.input.ahead() as u64;
        Stop::Bad(ErrorKind::UnexpectedEnd, end * 8)
    }

    fn end_block(&mut self) {
        self.phase = if self.last_block { Phase::Ended } else { Phase::Header };
    }

    /// Reads a block's header and prepares its tables.
    fn header(&mut self) -> Result<(), HeaderError> {
        let mut bits = self.input.bits();
        let last = bits.take(1)? == 1;
        let phase = match bits.take(2)? {
            0 => {
                bits.pos = bits.pos.next_multiple_of(8);
                let length = bits.take(16)?;
                let complement = bits.take(16)?;
                if length ^ complement != 0xffff {
                    return Err(HeaderError::Bad(ErrorKind::StoredLength));
                }
                Phase::Stored(length as usize)
            }
            1 => Phase::Fixed,
            2 => {
                read_dynamic(&mut bits, &mut self.tables.lengths)?;
                self.tables.build();
                Phase::Dynamic
            }
            _ => return Err(HeaderError::Bad(ErrorKind::BlockType)),
        };
        self.input.bit = bits.pos;
        self.last_block = last;
        self.phase = phase;
        Ok(())
    }

    /// The bit of the match that reaches back before the stream's first byte, if it is known that
    /// one does: decodes again from the stream's start, symbol by symbol, and counts.
    pub(crate) fn locate_far_match(&mut self, source: &dyn ReadAt, start: u64) -> Stop {
        // Stored blocks produce many tokens at once; every other step produces one.
        self.start(start, crate::tokens::MAX_BUFFER.min(LOCATE_TOKENS));
        let mut produced = 0;
        loop {
            let at = self.input.position();
            let step = match self.phase {
                Phase::Dynamic | Phase::Fixed => {
                    if let Err(e) = self.input.need(source, INPUT_SLACK) {
                        return Stop::Io(e);
                    }
                    let tables = if self.phase == Phase::Dynamic { &*self.tables } else { fixed() };
                    match entropy::symbol(&mut self.input, tables, &mut self.tokens) {
                        Ok(true) => {
                            self.end_block();
                            continue;
                        }
                        Ok(false) => None,
                        Err(SymbolError::End) => Some(self.truncated()),
                        Err(SymbolError::Bad(kind)) => Some(Stop::Bad(kind, at)),
                    }
                }
                Phase::Ended => Some(Stop::End),
                Phase::Header | Phase::Stored(_) => {
                    if let Err(e) = self.input.need(source, MAX_HEADER_BYTES) {
                        return Stop::Io(e);
                    }
                    match self.phase {
                        Phase::Stored(0) => {
                            self.end_block();
                            None
                        }
                        Phase::Stored(left) => {
                            let n = left.min(self.input.ahead());
                            if n == 0 {
                                return self.truncated();
                            }
                            produced += n as u64;
                            self.input.bit += n * 8;
                            self.phase = Phase::Stored(left - n);
                            None
                        }
                        _ => match self.header() {
                            Ok(()) => None,
                            Err(HeaderError::Bad(kind)) => Some(Stop::Bad(kind, at)),
                            Err(HeaderError::End) => Some(self.truncated()),
                        },
                    }
                }
            };
            if let Some(stop) = step {
                return stop;
            }
            self.tokens.close();
            if let Some(distance) = self.tokens.far_match(&mut produced) {
                debug_assert!(distance > 0);
                return Stop::Bad(ErrorKind::DistanceTooFar, at);
            }
            self.tokens.reset(LOCATE_TOKENS);
        }
    }

    /// Turns a read error into the error for callers.
    pub(crate) fn io_error(&self, e: io::Error) -> (ErrorKind, u64) {
        (ErrorKind::Io(Arc::new(e)), self.input.position())
    }
}

/// Tokens of one step of the search for a match that reaches too far.
const LOCATE_TOKENS: usize = 4 << 10;
