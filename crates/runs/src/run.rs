//! The format of entries in a run, and its reader.

use crate::room::Room;
use std::io;

/// Sorted entries in the file.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) room: Room,
    pub(crate) start: u64,
    pub(crate) end: u64,
}

/// Lengths of key and value, before both.
const HEAD: usize = 8;

/// Size of an entry in a run.
pub(crate) fn write(key: &[u8], value: &[u8], out: &mut dyn io::Write) -> io::Result<()> {
    let length = |bytes: &[u8]| {
        u32::try_from(bytes.len())
            .map(u32::to_le_bytes)
            .map_err(|_| io::Error::other("an entry has more than 4 GiB"))
    };
    out.write_all(&length(key)?)?;
    out.write_all(&length(value)?)?;
    out.write_all(key)?;
    out.write_all(value)
}

/// Walks through a run. The key of the current entry is in memory; its value is read on demand, so
/// large values of many runs are not in memory at once.
#[derive(Debug)]
pub(crate) struct RunReader<'r> {
    run: &'r Run,
    /// File offset of the end of the buffered bytes.
    at: u64,
    buffer: Vec<u8>,
    /// Buffer offset of the current entry.
    start: usize,
    /// Lengths of the current entry's key and value.
    lengths: (usize, usize),
    room: usize,
}

impl<'r> RunReader<'r> {
    /// Starts before the first entry; reads `room` bytes at once.
    pub(crate) fn new(run: &'r Run, room: usize) -> Self {
        Self { run, at: run.start, buffer: Vec::new(), start: 0, lengths: (0, 0), room }
    }

    fn buffered(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or(&[])
    }

    /// Ensures that `wanted` bytes from the start of the current entry are buffered.
    fn buffer(&mut self, wanted: usize) -> io::Result<()> {
        let there = self.buffered().len();
        if there >= wanted {
            return Ok(());
        }
        self.buffer.drain(..self.start);
        self.start = 0;
        if self.buffer.capacity() > 4 * self.room.max(wanted) {
            self.buffer.shrink_to(self.room.max(wanted));
        }
        let left = usize::try_from(self.run.end - self.at).unwrap_or(usize::MAX);
        let more = (wanted - there).max(self.room.saturating_sub(there)).min(left);
        if there + more < wanted {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.buffer.resize(there + more, 0);
        let into = self.buffer.get_mut(there..).unwrap_or(&mut []);
        self.run.room.read(self.at, into)?;
        self.at += more as u64;
        Ok(())
    }

    /// Reads the next entry's key; false at the end.
    pub(crate) fn advance(&mut self) -> io::Result<bool> {
        if self.buffered().is_empty() && self.at == self.run.end {
            return Ok(false);
        }
        self.buffer(HEAD)?;
        let length = |at: usize, bytes: &[u8]| {
            let bytes = bytes.get(at..at + 4).and_then(|b| <[u8; 4]>::try_from(b).ok());
            bytes.map_or(0, |bytes| u32::from_le_bytes(bytes) as usize)
        };
        let head = self.buffered();
        self.lengths = (length(0, head), length(4, head));
        self.buffer(HEAD + self.lengths.0)?;
        Ok(true)
    }

    /// Returns the current entry's key.
    pub(crate) fn key(&self) -> &[u8] {
        self.buffered().get(HEAD..HEAD + self.lengths.0).unwrap_or(&[])
    }

    /// Reads the current entry's value and advances past it.
    pub(crate) fn take_value(&mut self, into: &mut Vec<u8>) -> io::Result<()> {
        let (key, value) = self.lengths;
        let from = HEAD + key;
        let there = self.buffered().get(from..).unwrap_or(&[]);
        let there = there.get(..value.min(there.len())).unwrap_or(&[]);
        into.extend_from_slice(there);
        let missing = value - there.len();
        self.start += from + there.len();
        if missing > 0 {
            // The buffer is used up.
            let begin = into.len();
            into.resize(begin + missing, 0);
            self.run.room.read(self.at, into.get_mut(begin..).unwrap_or(&mut []))?;
            self.at += missing as u64;
        }
        Ok(())
    }
}
