//! A sliding piece of the source in memory.

use crate::bits::Bits;
use crate::source::{ReadAt, read_full};
use std::io;

/// Size of a piece: it stays in a second-level cache, and reading it costs little more than copying
/// it.
pub(crate) const PIECE: usize = 128 << 10;

/// Minimum size of a piece: some block headers, for sources that grow while they are read.
const MIN_PIECE: usize = 4 << 10;

/// Bytes of the source around a bit position.
pub(crate) struct Input {
    /// Number of bytes to hold at a time.
    piece: usize,
    buffer: Vec<u8>,
    len: usize,
    /// Source offset of the buffer's first byte.
    base: u64,
    /// Bits from the buffer's start.
    pub(crate) bit: usize,
    /// The buffer ends where the source ends.
    pub(crate) at_end: bool,
}

impl Input {
    /// For a source of `size` bytes; a small one is held as a whole.
    pub(crate) fn new(size: u64) -> Self {
        // With one byte more than the source, the first read shows its end.
        let whole = usize::try_from(size).unwrap_or(usize::MAX).saturating_add(64);
        Self {
            piece: whole.clamp(MIN_PIECE, PIECE),
            buffer: Vec::new(),
            len: 0,
            base: 0,
            bit: 0,
            at_end: false,
        }
    }

    /// Moves to a bit of the source.
    pub(crate) fn seek(&mut self, bit: u64) {
        let ahead = bit.wrapping_sub(self.base * 8);
        match usize::try_from(ahead) {
            Ok(ahead) if bit >= self.base * 8 && ahead <= self.len * 8 => self.bit = ahead,
            _ => {
                self.base = bit / 8;
                #[allow(clippy::cast_possible_truncation)] // below 8
                {
                    self.bit = (bit % 8) as usize;
                }
                self.len = 0;
                self.at_end = false;
            }
        }
    }

    /// The current bit, from the start of the source.
    pub(crate) fn position(&self) -> u64 {
        self.base * 8 + self.bit as u64
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.buffer[..self.len]
    }

    pub(crate) fn bits(&self) -> Bits<'_> {
        Bits::new(self.bytes(), self.bit)
    }

    /// Bytes from the current one on, even if it is partly used.
    pub(crate) fn ahead(&self) -> usize {
        self.len.saturating_sub(self.bit / 8)
    }

    /// Makes at least `want` bytes available, unless the source ends before that. `want` is far
    /// below [`MIN_PIECE`].
    #[inline]
    pub(crate) fn need(&mut self, source: &dyn ReadAt, want: usize) -> io::Result<()> {
        if self.ahead() >= want || self.at_end {
            return Ok(());
        }
        self.refill(source)
    }

    #[cold]
    fn refill(&mut self, source: &dyn ReadAt) -> io::Result<()> {
        if self.buffer.is_empty() {
            self.buffer = vec![0; self.piece];
        }
        let used = self.bit / 8;
        self.buffer.copy_within(used..self.len, 0);
        self.len -= used;
        self.base += used as u64;
        self.bit %= 8;
        let n = read_full(source, &mut self.buffer[self.len..], self.base + self.len as u64)?;
        self.len += n;
        self.at_end = self.len < self.buffer.len();
        Ok(())
    }
}
