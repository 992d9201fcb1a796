//! Counts how far a source was read, for progress.

use snapscope_inflate::ReadAt;
use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counts the bytes read.
pub(crate) struct Counting<R> {
    pub(crate) reader: R,
    pub(crate) seen: Arc<AtomicU64>,
}

impl<R: Read> Read for Counting<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(out)?;
        self.seen.fetch_add(n as u64, Ordering::Relaxed);
        Ok(n)
    }
}

/// Keeps the furthest offset that was read.
pub(crate) struct CountingAt {
    pub(crate) source: Arc<dyn ReadAt>,
    pub(crate) seen: Arc<AtomicU64>,
}

impl ReadAt for CountingAt {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let n = self.source.read_at(buf, offset)?;
        // A read past the end does not count.
        if n > 0 {
            self.seen.fetch_max(offset + n as u64, Ordering::Relaxed);
        }
        Ok(n)
    }

    fn size(&self) -> io::Result<u64> {
        self.source.size()
    }
}
