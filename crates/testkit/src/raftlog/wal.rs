//! Writes raft-wal folders: segments, and the list of them.

use super::bolt::BoltFile;
use super::entry::LogEntry;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

/// Options for writing a folder.
#[derive(Clone, Copy, Debug)]
pub struct WalOptions {
    /// Entries in a commit.
    pub batch: usize,
    /// Bytes after which a segment is sealed.
    pub segment: u64,
}

impl Default for WalOptions {
    fn default() -> Self {
        Self { batch: 8, segment: 64 << 20 }
    }
}

/// A segment being written.
struct Segment {
    out: BufWriter<File>,
    id: u64,
    base: u64,
    last: u64,
    size: u64,
    crc: u32,
    offsets: Vec<u32>,
}

/// CRC-32C without its last step, bit by bit.
fn crc32c(crc: u32, bytes: &[u8]) -> u32 {
    static TABLE: std::sync::LazyLock<[u32; 256]> = std::sync::LazyLock::new(|| {
        std::array::from_fn(|byte| {
            (0..8)
                .fold(byte as u32, |crc, _| (crc >> 1) ^ (0x82F6_3B78 & 0u32.wrapping_sub(crc & 1)))
        })
    });
    bytes.iter().fold(crc, |crc, byte| (crc >> 8) ^ TABLE[usize::from(crc as u8 ^ byte)])
}

impl Segment {
    fn create(folder: &Path, id: u64, base: u64) -> io::Result<Self> {
        let path = folder.join(format!("{base:020}-{id:016x}.wal"));
        let out = BufWriter::with_capacity(1 << 20, File::create(path)?);
        let mut segment =
            Self { out, id, base, last: 0, size: 0, crc: u32::MAX, offsets: Vec::new() };
        let mut header = 0x58EB_6B0Du32.to_le_bytes().to_vec();
        header.extend([0; 4]);
        for number in [base, id, 1] {
            header.extend_from_slice(&number.to_le_bytes());
        }
        segment.put(&header)?;
        Ok(segment)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.crc = crc32c(self.crc, bytes);
        self.size += bytes.len() as u64;
        self.out.write_all(bytes)
    }

    fn frame(&mut self, kind: u8, number: u32, payload: &[u8]) -> io::Result<()> {
        let mut frame = vec![kind, 0, 0, 0];
        frame.extend_from_slice(&number.to_le_bytes());
        frame.extend_from_slice(payload);
        frame.resize(frame.len().next_multiple_of(8), 0);
        self.put(&frame)
    }

    fn entry(&mut self, entry: &LogEntry) -> io::Result<()> {
        self.offsets.push(self.size as u32);
        self.last = entry.index;
        let payload = entry.wal();
        self.frame(1, payload.len() as u32, &payload)
    }

    fn commit(&mut self) -> io::Result<()> {
        let crc = !self.crc;
        self.frame(3, crc, &[])?;
        self.crc = u32::MAX;
        Ok(())
    }

    /// Writes the index of entries and returns its offset.
    fn seal(&mut self) -> io::Result<u64> {
        let at = self.size + 8;
        let index: Vec<u8> = self.offsets.iter().flat_map(|offset| offset.to_le_bytes()).collect();
        self.frame(2, index.len() as u32, &index)?;
        self.commit()?;
        Ok(at)
    }

    fn describe(&self, index_at: u64, options: WalOptions, out: &mut String) {
        let (max, sealed) = match index_at {
            0 => (0, "0001-01-01T00:00:00Z"),
            _ => (self.last, "2026-11-23T04:00:00Z"),
        };
        let (id, base, limit) = (self.id, self.base, options.segment);
        let comma = if out.is_empty() { "" } else { "," };
        let _ = write!(
            out,
            r#"{comma}{{"ID":{id},"BaseIndex":{base},"MinIndex":{base},"MaxIndex":{max},"Codec":1,"IndexStart":{index_at},"CreateTime":"2026-11-23T03:10:00Z","SealTime":"{sealed}","SizeLimit":{limit}}}"#,
        );
    }
}

/// Writes a `wal` folder with these entries.
///
/// # Errors
/// If it can't be written.
pub fn write_wal(
    folder: &Path,
    entries: impl Iterator<Item = LogEntry>,
    options: WalOptions,
) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut entries = entries.peekable();
    let first = entries.peek().map_or(1, |entry| entry.index);
    let mut segment = Segment::create(folder, 0, first)?;
    let mut listed = String::new();
    let mut pending = 0;
    while let Some(entry) = entries.next() {
        segment.entry(&entry)?;
        pending += 1;
        if pending < options.batch && entries.peek().is_some() {
            continue;
        }
        pending = 0;
        if segment.size >= options.segment && entries.peek().is_some() {
            let index_at = segment.seal()?;
            segment.describe(index_at, options, &mut listed);
            segment.out.flush()?;
            segment = Segment::create(folder, segment.id + 1, entry.index + 1)?;
        } else {
            segment.commit()?;
        }
    }
    segment.describe(0, options, &mut listed);
    segment.out.flush()?;
    // Segments are preallocated.
    segment.out.get_ref().set_len(options.segment.max(segment.size))?;
    let mut meta = BoltFile::create(&folder.join("wal-meta.db"))?;
    let json = format!(r#"{{"NextSegmentID":{},"Segments":[{listed}]}}"#, segment.id + 1);
    meta.small_bucket("wal-meta", &[(b"m", json.as_bytes())]);
    let term = 2u64.to_le_bytes();
    meta.small_bucket("stable", &[(b"CurrentTerm", &term), (b"LastVoteTerm", &term)]);
    meta.finish().map(drop)
}
