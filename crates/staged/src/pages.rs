//! Buffers as the disk needs them: aligned to a page, in whole pages.

const PAGE: usize = 4096;

/// A buffer aligned to a page.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    bytes: Vec<u8>,
    start: usize,
    filled: usize,
}

impl Pages {
    /// Its capacity in bytes: large enough to be worth a write to disk, and the wait for a core
    /// before and after it.
    pub(crate) const SIZE: usize = 1 << 21;

    /// Creates an empty buffer, which allocates nothing until something is added.
    pub(crate) const fn new() -> Self {
        Self { bytes: Vec::new(), start: 0, filled: 0 }
    }

    /// Whether it is full.
    pub(crate) const fn is_full(&self) -> bool {
        self.filled == Self::SIZE
    }

    /// Returns its content.
    pub(crate) fn filled(&self) -> &[u8] {
        self.bytes.get(self.start..self.start + self.filled).unwrap_or(&[])
    }

    /// Empties it.
    pub(crate) const fn clear(&mut self) {
        self.filled = 0;
    }

    /// Adds as many bytes as fit; returns their number.
    pub(crate) fn fill(&mut self, bytes: &[u8]) -> usize {
        if self.bytes.is_empty() {
            self.bytes = vec![0; Self::SIZE + PAGE];
            self.start = self.bytes.as_ptr().align_offset(PAGE).min(PAGE);
        }
        let n = bytes.len().min(Self::SIZE - self.filled);
        let from = self.start + self.filled;
        if let (Some(room), Some(bytes)) = (self.bytes.get_mut(from..from + n), bytes.get(..n)) {
            room.copy_from_slice(bytes);
        }
        self.filled += n;
        n
    }
}
