//! A window into large data.

use snapscope_archive::ReadAt;
use std::io;
use std::ops::Range;
use std::sync::Arc;

/// Bytes read at once.
const PIECE: u64 = 1 << 20;

/// A source with one piece in memory.
pub(super) struct Window {
    source: Arc<dyn ReadAt>,
    /// The part of the source that it shows; places count from the source's start.
    part: Range<u64>,
    base: u64,
    bytes: Vec<u8>,
}

impl Window {
    pub(super) fn new(source: Arc<dyn ReadAt>, part: Range<u64>) -> Self {
        Self { base: part.start, source, part, bytes: Vec::new() }
    }

    pub(super) const fn start(&self) -> u64 {
        self.part.start
    }

    pub(super) const fn end(&self) -> u64 {
        self.part.end
    }

    /// Returns at least `least` bytes from `at` on, fewer at the end.
    pub(super) fn bytes(&mut self, at: u64, least: u64) -> io::Result<&[u8]> {
        let end = at.saturating_add(least).min(self.part.end);
        let held = self.base..self.base + self.bytes.len() as u64;
        if at < held.start || end > held.end {
            self.load(at, end)?;
        }
        let from = usize::try_from(at.saturating_sub(self.base)).unwrap_or(usize::MAX);
        Ok(self.bytes.get(from..).unwrap_or(&[]))
    }

    fn load(&mut self, at: u64, end: u64) -> io::Result<()> {
        let to = end.saturating_add(PIECE).min(self.part.end);
        let size = usize::try_from(to.saturating_sub(at)).map_err(io::Error::other)?;
        self.bytes.clear();
        self.bytes.resize(size, 0);
        self.base = at;
        let mut filled = 0;
        while let Some(room) = self.bytes.get_mut(filled..).filter(|room| !room.is_empty()) {
            match self.source.read_at(room, at + filled as u64) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        self.bytes.truncate(filled);
        if (filled as u64) < end.saturating_sub(at) {
            let message = "the file became shorter while it was read";
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
        }
        Ok(())
    }
}
