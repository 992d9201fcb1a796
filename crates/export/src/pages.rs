//! Bytes in memory as the disk wants them: from where a page begins, whole pages.

const PAGE: usize = 4096;

/// A buffer that begins where a page begins.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    bytes: Vec<u8>,
    start: usize,
    filled: usize,
}

impl Pages {
    /// Bytes it holds: as many as make a write to the disk worth its while, and the waiting for a core
    /// before and after it.
    pub(crate) const SIZE: usize = 1 << 21;

    /// An empty buffer, which takes no room before something is put into it.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Whether there is no room left.
    pub(crate) const fn is_full(&self) -> bool {
        self.filled == Self::SIZE
    }

    /// What was put into it.
    pub(crate) fn filled(&self) -> &[u8] {
        self.bytes.get(self.start..self.start + self.filled).unwrap_or(&[])
    }

    /// Empties it.
    pub(crate) const fn clear(&mut self) {
        self.filled = 0;
    }

    /// Puts as much into it as there is room for; says how much that was.
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
