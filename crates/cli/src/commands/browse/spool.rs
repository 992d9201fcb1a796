//! The state of a snapshot in a temporary file without a name, so that any part can be read again
//! without inflating.

use super::keys::Keys;
use super::stored::{read_exactly, stored_key};
use anyhow::{Context as _, Result};
use snapscope_analyze::{Fold as _, Inspect, Inspection, Outcome, Problems};
use snapscope_archive::{Blocks, ReadAt, Source, Stream};
use snapscope_decode::Kind;
use snapscope_runs::{Room, Sorter};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::ops::Range;
use std::sync::Arc;

/// Maximum number of ranges remembered for a record type. Servers write one section per type; where a file mixes types,
/// the last range covers others as well.
const RANGES: usize = 1024;

/// The ranges of bytes that contain the records of each type.
#[derive(Debug, Default)]
struct Places(BTreeMap<u8, Vec<Range<u64>>>);

impl Places {
    fn add(&mut self, kind: Kind, record: Range<u64>) {
        let ranges = self.0.entry(kind.0).or_default();
        let is_full = ranges.len() >= RANGES;
        match ranges.last_mut() {
            Some(last) if last.end == record.start || is_full => last.end = record.end,
            _ => ranges.push(record),
        }
    }

    /// The ranges of some types, in file order and without overlaps.
    fn of(&self, kinds: &[Kind]) -> Vec<Range<u64>> {
        let ranges = kinds.iter().filter_map(|kind| self.0.get(&kind.0));
        let mut ranges: Vec<Range<u64>> = ranges.flatten().cloned().collect();
        ranges.sort_by_key(|range| range.start);
        let mut merged: Vec<Range<u64>> = Vec::new();
        for range in ranges {
            match merged.last_mut() {
                Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
                _ => merged.push(range),
            }
        }
        merged
    }
}

/// The state of a snapshot, and what is known about it.
#[derive(Debug)]
pub(super) struct Spool {
    file: Arc<File>,
    header: Vec<u8>,
    places: Places,
    /// Bytes of the state.
    size: u64,
    /// The keys, in ascending order.
    pub(super) keys: Keys,
    /// Records and bytes by type, as `inspect` counts them.
    pub(super) counts: Inspection,
}

impl Spool {
    /// Reads a snapshot to its end.
    pub(super) fn read(mut blocks: Blocks) -> Result<Outcome<Self>> {
        let place =
            || format!("cannot write to the temporary folder {}", std::env::temp_dir().display());
        let file = tempfile::tempfile().with_context(place)?;
        let mut out = BufWriter::with_capacity(1 << 20, file);
        let mut problems = Problems::default();
        let mut counts = Inspect::new();
        let mut places = Places::default();
        let mut header = Vec::new();
        let mut found = Found::default();
        let mut size = 0;
        while let Some(block) = blocks.next() {
            if size == 0 {
                header = blocks.header().map(|header| header.bytes.clone()).unwrap_or_default();
                out.write_all(&header).with_context(place)?;
            }
            for frame in block.frames() {
                counts.frame(&frame, &mut problems);
                size = frame.offset + frame.size();
                places.add(frame.kind, frame.offset..size);
                if frame.kind == Kind::KVS {
                    found.add(frame.offset, size, stored_key(frame.bytes));
                }
            }
            out.write_all(block.bytes()).with_context(place)?;
        }
        let file = out.into_inner().map_err(io::IntoInnerError::into_error).with_context(place)?;
        let closing = blocks.finish();
        let file = Arc::new(file);
        let mut spool = Self {
            keys: Keys::new(Arc::clone(&file), found.starts),
            file,
            header,
            places,
            size,
            counts: counts.finish(&closing),
        };
        if !found.is_in_order {
            spool.sort_keys().with_context(place)?;
        }
        Ok(Outcome { out: spool, closing, problems })
    }

    /// Appends the keys in ascending order. Servers write them sorted; files made by hand may
    /// differ.
    fn sort_keys(&mut self) -> io::Result<()> {
        let room = Room::default();
        let mut sorter = Sorter::new(&room);
        let mut record = Vec::new();
        for range in self.places.of(&[Kind::KVS]) {
            let mut at = range.start;
            while at < range.end {
                let Some(end) = self.record_at(at, range.end, &mut record)? else { break };
                if record.first() == Some(&Kind::KVS.0) {
                    sorter.push(stored_key(&record).unwrap_or_default(), &record)?;
                }
                at = end;
            }
        }
        let sorted = sorter.finish()?;
        let mut entries = sorted.entries()?;
        let mut writer = self.file.try_clone()?;
        io::Seek::seek(&mut writer, io::SeekFrom::End(0))?;
        let mut out = BufWriter::with_capacity(1 << 20, writer);
        let mut at = self.size;
        let mut starts = Vec::new();
        while let Some(entry) = entries.next()? {
            starts.push(at);
            at += entry.value.len() as u64;
            out.write_all(entry.value)?;
        }
        starts.push(at);
        out.flush()?;
        self.keys = Keys::new(Arc::clone(&self.file), starts);
        Ok(())
    }

    /// Reads one record that ends at `limit` or before; returns its end.
    fn record_at(&self, at: u64, limit: u64, record: &mut Vec<u8>) -> io::Result<Option<u64>> {
        let mut size = 4096;
        loop {
            let whole = limit - at;
            let take = whole.min(size);
            read_exactly(&self.file, at..at + take, record)?;
            let whole_record = match snapscope_decode::frames_of(record).next() {
                Some(Ok(frame)) => Some(frame.bytes.len()),
                _ => None,
            };
            if let Some(size) = whole_record {
                record.truncate(size);
                return Ok(Some(at + size as u64));
            }
            if take == whole {
                return Ok(None);
            }
            size *= 16;
        }
    }

    /// Where it is.
    pub(super) fn file(&self) -> &File {
        &self.file
    }

    /// All of it.
    pub(super) fn whole(&self) -> Part {
        self.part(std::iter::once(self.header.len() as u64..self.size))
    }

    /// The records of some types; others may be among them.
    pub(super) fn of(&self, kinds: &[Kind]) -> Part {
        self.part(self.places.of(kinds))
    }

    /// A range of its bytes that consists of whole records.
    pub(super) fn part(&self, ranges: impl IntoIterator<Item = Range<u64>>) -> Part {
        let ranges = ranges.into_iter().collect();
        Part { file: Arc::clone(&self.file), header: self.header.clone(), ranges }
    }
}

/// The keys found so far.
#[derive(Debug)]
struct Found {
    /// The start of each record, and the end of the last one.
    starts: Vec<u64>,
    last: Vec<u8>,
    /// Whether they ascend without gaps.
    is_in_order: bool,
}

impl Default for Found {
    fn default() -> Self {
        Self { starts: Vec::new(), last: Vec::new(), is_in_order: true }
    }
}

impl Found {
    fn add(&mut self, start: u64, end: u64, key: Option<&[u8]>) {
        let key = key.unwrap_or_default();
        let follows = self.starts.last().is_none_or(|last| *last == start);
        self.is_in_order &= follows && self.last.as_slice() <= key;
        self.last.clear();
        self.last.extend_from_slice(key);
        if self.starts.is_empty() {
            self.starts.push(start);
        }
        if self.is_in_order {
            self.starts.push(end);
        }
    }
}

/// A snapshot that consists of parts of another one.
#[derive(Debug, Clone)]
pub(super) struct Part {
    file: Arc<File>,
    header: Vec<u8>,
    ranges: Vec<Range<u64>>,
}

impl Part {
    /// What commands read.
    pub(super) fn source(&self) -> Source {
        Source::Stream(Stream::at("the copy of the snapshot", Arc::new(self.clone())))
    }

    /// The position of a record in the whole state.
    pub(super) fn place(&self, offset: u64) -> u64 {
        self.found(offset).map_or(offset, |(place, _)| place)
    }

    /// Where a byte is, and how many bytes follow it there.
    fn found(&self, offset: u64) -> Option<(u64, u64)> {
        let mut start = self.header.len() as u64;
        for range in &self.ranges {
            let size = range.end - range.start;
            if let Some(within) = offset.checked_sub(start).filter(|within| *within < size) {
                return Some((range.start + within, size - within));
            }
            start += size;
        }
        None
    }
}

impl ReadAt for Part {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let from_header = usize::try_from(offset)
            .ok()
            .and_then(|at| self.header.get(at..))
            .filter(|h| !h.is_empty());
        if let Some(header) = from_header {
            let n = header.len().min(buf.len());
            buf.iter_mut().zip(header).for_each(|(to, from)| *to = *from);
            return Ok(n);
        }
        let Some((place, left)) = self.found(offset) else { return Ok(0) };
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
        ReadAt::read_at(&*self.file, buf.get_mut(..most).unwrap_or_default(), place)
    }

    fn size(&self) -> io::Result<u64> {
        let sizes = self.ranges.iter().map(|range| range.end - range.start);
        Ok(self.header.len() as u64 + sizes.sum::<u64>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_reads_as_its_ranges_after_the_header() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"0123456789abcdef").unwrap();
        let part =
            Part { file: Arc::new(file), header: b"HE".to_vec(), ranges: vec![2..5, 10..12] };
        for size in 1..9 {
            let (mut all, mut buf) = (Vec::new(), vec![0; size]);
            loop {
                let n = part.read_at(&mut buf, all.len() as u64).unwrap();
                if n == 0 {
                    break;
                }
                all.extend_from_slice(&buf[..n]);
            }
            assert_eq!(all, b"HE234ab");
        }
        assert_eq!([part.place(2), part.place(4), part.place(5)], [2, 4, 10]);
    }

    #[test]
    fn places_stay_few_however_types_alternate() {
        let mut places = Places::default();
        for at in 0..10_000 {
            places.add(Kind(if at % 2 == 0 { 1 } else { 2 }), at..at + 1);
        }
        let ranges = places.of(&[Kind(1)]);
        assert!(ranges.len() <= RANGES);
        assert!((0..10_000).step_by(2).all(|at| ranges.iter().any(|range| range.contains(&at))));
        assert_eq!(places.of(&[Kind(1), Kind(2)]), vec![0..10_000]);
    }
}
