//! Writes a generated state file in large pieces, and counts its bytes.

use crate::records::Record;
use std::io::{self, Write};

/// Counts and writes the bytes of a state file.
pub(super) struct Sink<W> {
    out: W,
    pub(super) buffer: Vec<u8>,
    flushed: u64,
    pub(super) records: u64,
}

const FLUSH_AT: usize = 1 << 17;

impl<W: Write> Sink<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, buffer: Vec::with_capacity(2 * FLUSH_AT), flushed: 0, records: 0 }
    }

    pub(super) fn written(&self) -> u64 {
        self.flushed + self.buffer.len() as u64
    }

    pub(super) fn put(&mut self, record: &Record) -> io::Result<()> {
        record.encode(&mut self.buffer);
        self.counted()
    }

    /// To be called after each record that is added to the buffer.
    pub(super) fn counted(&mut self) -> io::Result<()> {
        self.records += 1;
        if self.buffer.len() >= FLUSH_AT { self.flush() } else { Ok(()) }
    }

    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.buffer)?;
        self.flushed += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}
