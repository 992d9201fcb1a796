//! Writes a `.snap`: `meta.json`, `state.bin` and `SHA256SUMS` in a tar archive, in gzip.
//!
//! `meta.json` and the tar header of `state.bin` contain the size of `state.bin`, and come before
//! it. They fill a separate gzip member that is stored, not compressed: its length is known in
//! advance, so its space is reserved and it is written last. Records stream through once, without a
//! copy on disk.

mod front;
mod hashing;
mod members;
mod tar;

use front::Front;
use members::Members;
use serde_json::{Map, Value};
use snapscope_decode::text::hex;
use std::io::{self, Read as _, Seek, SeekFrom, Write};
use std::num::NonZeroUsize;

/// Compression level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(u8);

impl Level {
    /// Not compressed at all.
    pub const STORED: Self = Self(0);

    /// Returns this level, from 0 (not compressed) and 1 (fast) to 9 (small).
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        match number {
            0..=9 => Some(Self(number)),
            _ => None,
        }
    }

    /// Its number.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }

    const fn compression(self) -> flate2::Compression {
        flate2::Compression::new(self.0 as u32)
    }
}

/// Level 6, as servers compress.
impl Default for Level {
    fn default() -> Self {
        Self(6)
    }
}

/// How to write a snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WriteOptions {
    /// Compression level.
    pub level: Level,
    /// Number of threads that compress, besides the one that writes.
    pub threads: NonZeroUsize,
}

impl Default for WriteOptions {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        Self { level: Level::default(), threads }
    }
}

/// A snapshot that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Bytes of the file.
    pub file_size: u64,
    /// Bytes of `state.bin`.
    pub state_size: u64,
    /// SHA-256 of `state.bin`, in hex.
    pub state_sha256: String,
}

/// A snapshot being written.
#[derive(Debug)]
pub struct SnapshotWriter<W> {
    front: Front,
    /// Start of the file in the output.
    start: u64,
    members: Members<W>,
    state_size: u64,
}

impl<W: Write + Seek> SnapshotWriter<W> {
    /// Starts a snapshot in `out`, at its current position. In `meta`, the object of a `meta.json`,
    /// only `Size` is changed, and `CRC` is left out: it belongs to raft folders.
    ///
    /// # Errors
    /// If writing to `out` fails, or no thread can be started.
    pub fn begin(
        mut out: W,
        meta: &Map<String, Value>,
        options: &WriteOptions,
    ) -> io::Result<Self> {
        let front = Front::new(meta)?;
        let start = out.stream_position()?;
        // Zeros instead of a seek, so that everything but the front is written in order.
        io::copy(&mut io::repeat(0).take(front.len()), &mut out)?;
        let members = Members::start(out, options.level.compression(), options.threads)?;
        Ok(Self { front, start, members, state_size: 0 })
    }

    /// Appends bytes to `state.bin`: first its header, then whole records.
    ///
    /// # Errors
    /// If writing fails.
    pub fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.state_size += bytes.len() as u64;
        self.members.push(bytes)
    }

    /// Bytes of `state.bin` so far.
    #[must_use]
    pub const fn state_size(&self) -> u64 {
        self.state_size
    }

    /// Ends the archive. The file is complete, but not yet synced to disk.
    ///
    /// # Errors
    /// If writing fails.
    pub fn finish(self) -> io::Result<(W, Written)> {
        let Self { front, start, mut members, state_size } = self;
        let state_sha256 = hex(&members.end_of_hashed()?);
        let (front, meta_sha256) = front.bytes(state_size)?;
        let sums = format!("{meta_sha256}  {}\n{state_sha256}  {}\n", tar::META, tar::STATE);
        members.push(tar::padding(state_size))?;
        members.push(&tar::header(tar::SUMS, sums.len() as u64, front.mtime))?;
        members.push(sums.as_bytes())?;
        members.push(tar::padding(sums.len() as u64))?;
        members.push(&tar::END)?;
        let mut out = members.finish()?;
        let end = out.stream_position()?;
        out.seek(SeekFrom::Start(start))?;
        out.write_all(&front.bytes)?;
        out.seek(SeekFrom::Start(end))?;
        out.flush()?;
        Ok((out, Written { file_size: end - start, state_size, state_sha256 }))
    }
}

/// The header of a `state.bin` whose highest table index is `last_index`.
#[must_use]
pub fn state_header(last_index: u64) -> Vec<u8> {
    let mut header = b"\x81\xa9LastIndex".to_vec();
    let bytes = last_index.to_be_bytes();
    // The shortest form that holds it, as servers write it.
    match last_index {
        0..=0x7f => header.extend(&bytes[7..]),
        0x80..=0xff => header.extend([&[0xcc], &bytes[7..]].concat()),
        0x100..=0xffff => header.extend([&[0xcd], &bytes[6..]].concat()),
        0x1_0000..=0xffff_ffff => header.extend([&[0xce], &bytes[4..]].concat()),
        _ => header.extend([&[0xcf], &bytes[..]].concat()),
    }
    header
}

#[cfg(test)]
mod tests;
