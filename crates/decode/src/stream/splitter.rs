//! Cuts buffers into blocks of whole records.
//!
//! Invariant: a record's bytes are copied only if it spans two buffers, and then once. The walk
//! never restarts: a record in a thousand pieces is walked once.

use super::block::Block;
use super::buffer::Buffer;
use super::damage::{Damage, DamageKind};
use super::kind::Kind;
use crate::wire::{Skipper, Step, Value, WireErrorKind};
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;

/// Limits for the memory of a splitter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Maximum size of a record. A whole record is held in memory, so this bounds memory.
    pub record: u64,
}

impl Limits {
    /// 256 MiB: five hundred times the largest value that Consul accepts by default (512 KiB), and
    /// enough for a large write in flight (`ChunkingState`).
    pub const DEFAULT_RECORD: u64 = 256 * 1024 * 1024;
}

impl Default for Limits {
    fn default() -> Self {
        Self { record: Self::DEFAULT_RECORD }
    }
}

/// The header before the first record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Its size; Consul adds it to the first record.
    pub size: u64,
    /// The highest table index, or `None` if it is missing from the header.
    pub last_index: Option<u64>,
    /// The stored header.
    pub bytes: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Header,
    Records,
    Ended,
}

/// Cuts the bytes of a `state.bin`, given buffer by buffer, into blocks of whole records.
#[derive(Debug)]
pub struct Splitter {
    limits: Limits,
    /// Total size of `state.bin`, if known in advance.
    total: Option<u64>,
    place: Stage,
    header: Option<Header>,
    /// The part of the current record that came with earlier buffers.
    tail: Vec<u8>,
    /// How far the current value is walked.
    skipper: Skipper,
    /// Offset of the current record in `state.bin`.
    record_offset: u64,
    /// Number of records returned.
    records: u64,
    blocks: u64,
    ready: VecDeque<Block>,
    damage: Option<Damage>,
}

impl Splitter {
    /// Creates a splitter at the start of a `state.bin` of `total` bytes, if known.
    #[must_use]
    pub fn new(limits: Limits, total: Option<u64>) -> Self {
        Self {
            limits,
            total,
            place: Stage::Header,
            header: None,
            tail: Vec::new(),
            skipper: Skipper::new(),
            record_offset: 0,
            records: 0,
            blocks: 0,
            ready: VecDeque::new(),
            damage: None,
        }
    }

    /// Returns the header, once it is read.
    #[must_use]
    pub const fn header(&self) -> Option<&Header> {
        self.header.as_ref()
    }

    /// Returns the number of whole records found so far.
    #[must_use]
    pub const fn records(&self) -> u64 {
        self.records
    }

    /// Returns the damage that ended the walk, if any. Blocks before it can still be taken.
    #[must_use]
    pub const fn damage(&self) -> Option<&Damage> {
        self.damage.as_ref()
    }

    /// Returns the next block of whole records, if one is complete.
    pub fn pop(&mut self) -> Option<Block> {
        self.ready.pop_front()
    }

    /// Takes the next bytes of `state.bin`, which are at `data` of `buffer`.
    ///
    /// The bytes of the buffer before `data` are free. If there is enough space, the start of a
    /// record from the previous buffer is put there, so that the record is contiguous. Returns the
    /// buffer with the new bytes still in place.
    pub fn push(&mut self, mut buffer: Buffer, data: Range<usize>) -> Arc<Buffer> {
        let data = self.join(&mut buffer, data);
        let buffer = Arc::new(buffer);
        if self.place != Stage::Ended {
            self.cut(&buffer, data);
        }
        buffer
    }

    /// Puts the start of a record from earlier buffers before its rest. Returns the range of the
    /// buffer that is still to be cut.
    fn join(&mut self, buffer: &mut Buffer, data: Range<usize>) -> Range<usize> {
        let mut data = data.start..data.end.min(buffer.bytes().len());
        if self.place != Stage::Ended && data.start < data.end && !self.tail.is_empty() {
            let front = data.start.checked_sub(self.tail.len());
            if let Some(front) = front
                && let Some(room) = buffer.bytes_mut().get_mut(front..data.start)
            {
                room.copy_from_slice(&self.tail);
                self.tail.clear();
                data.start = front;
            } else {
                let taken = self.grow_tail(buffer.bytes().get(data.clone()).unwrap_or(&[]));
                data.start = data.start.saturating_add(taken);
            }
        }
        data
    }

    /// Cuts the bytes at `data` into records.
    fn cut(&mut self, buffer: &Arc<Buffer>, mut data: Range<usize>) {
        if data.start >= data.end {
            return;
        }
        let bytes = buffer.bytes().get(..data.end).unwrap_or(&[]);
        if self.place == Stage::Header {
            match self.walk(None, bytes.get(data.start..).unwrap_or(&[])) {
                Some(end) => {
                    let value =
                        bytes.get(data.start..data.start.saturating_add(end)).unwrap_or(&[]);
                    self.read_header(value);
                    data.start = data.start.saturating_add(end);
                }
                None => {
                    self.keep(bytes.get(data.start..).unwrap_or(&[]));
                    return;
                }
            }
        }
        let first_number = self.records.wrapping_add(1);
        let offset = self.record_offset;
        let start = data.start;
        let mut at = start;
        let mut ends = Vec::with_capacity(data.end.saturating_sub(at).wrapping_div(512));
        while self.place == Stage::Records {
            let Some(record) = bytes.get(at..).filter(|rest| !rest.is_empty()) else {
                break;
            };
            let Some(end) = self.walk(record.first().copied(), record.get(1..).unwrap_or(&[]))
            else {
                break;
            };
            let size = end.saturating_add(1);
            if size as u64 > self.limits.record {
                self.too_long(record.first().copied());
                break;
            }
            at = at.saturating_add(size);
            ends.push(at);
            self.record_done(size);
        }
        if self.place == Stage::Records {
            self.keep(bytes.get(at..).unwrap_or(&[]));
        }
        if !ends.is_empty() {
            self.emit(Arc::clone(buffer), start, ends, first_number, offset);
        }
    }

    /// Ends the stream: an unfinished record is now damage.
    pub fn end(&mut self) {
        if self.place == Stage::Ended {
            return;
        }
        let have = self.tail.len() as u64;
        match self.place {
            Stage::Header if have == 0 => self.fail(0, None, DamageKind::Empty),
            Stage::Header => {
                let missing = self.skipper.least().saturating_sub(have).max(1);
                self.fail(have, None, DamageKind::EndsInside { missing });
            }
            Stage::Records if have > 0 => {
                let missing = self.skipper.least().saturating_add(1).saturating_sub(have).max(1);
                let kind = self.tail.first().copied();
                self.fail(have, kind, DamageKind::EndsInside { missing });
            }
            Stage::Records | Stage::Ended => {}
        }
        self.place = Stage::Ended;
    }

    /// Continues the walk over the current value; `bytes` starts where the value starts, after the
    /// type byte of a record. Returns the end of the value, or `None` if more bytes are needed or
    /// the walk ended.
    #[inline]
    fn walk(&mut self, kind: Option<u8>, bytes: &[u8]) -> Option<usize> {
        let lead = u64::from(kind.is_some());
        let begin = self.record_offset.wrapping_add(lead);
        let total = self.total.map(|total| total.saturating_sub(begin));
        match self.skipper.advance(bytes, total) {
            Ok(Step::Done(end)) => Some(end),
            Ok(Step::More) => None,
            Err(e) => {
                let record = kind;
                let kind = match e.kind {
                    WireErrorKind::Truncated { need } => DamageKind::EndsInside { missing: need },
                    kind => DamageKind::Wire(kind),
                };
                self.fail(e.at.saturating_add(lead), record, kind);
                None
            }
        }
    }

    /// Appends `data` to a record that is too long to be joined in place. Returns the number of
    /// bytes of `data` that belong to it.
    fn grow_tail(&mut self, data: &[u8]) -> usize {
        let before = self.tail.len();
        let lead = usize::from(self.place == Stage::Records);
        // Reserves only announced bytes, and never more than double at once: a wrong length must
        // not reserve memory.
        let announced = usize::try_from(self.skipper.least()).unwrap_or(usize::MAX);
        let wanted = announced.saturating_add(lead).saturating_sub(before);
        self.tail.reserve_exact(wanted.min(before.saturating_add(data.len())));
        self.tail.extend_from_slice(data);
        let tail = std::mem::take(&mut self.tail);
        let first = tail.first().copied().filter(|_| lead == 1);
        let walked = self.walk(first, tail.get(lead..).unwrap_or(&[]));
        let Some(end) = walked else {
            self.tail = tail;
            if tail_exceeds(&self.tail, self.skipper.least(), self.limits.record) {
                self.too_long(self.tail.first().copied());
            }
            return data.len();
        };
        let size = end.saturating_add(lead);
        if size as u64 > self.limits.record {
            self.too_long(tail.first().copied());
            return data.len();
        }
        let mut tail = tail;
        tail.truncate(size);
        if lead == 0 {
            self.read_header(&tail);
        } else {
            let (number, offset) = (self.records.wrapping_add(1), self.record_offset);
            self.record_done(size);
            self.emit(Arc::new(Buffer::unpooled(tail)), 0, vec![size], number, offset);
        }
        size.saturating_sub(before)
    }

    /// Keeps the start of a record for the next buffer.
    fn keep(&mut self, bytes: &[u8]) {
        if self.place == Stage::Ended {
            return;
        }
        if tail_exceeds(bytes, self.skipper.least(), self.limits.record) {
            self.too_long(bytes.first().copied());
            return;
        }
        self.tail.clear();
        self.tail.extend_from_slice(bytes);
    }

    fn read_header(&mut self, bytes: &[u8]) {
        let last_index = match Value::read(bytes) {
            Ok(Value::Map(entries)) => match entries.find(b"LastIndex") {
                Ok(Some(Value::Uint(n))) => Some(n),
                _ => None,
            },
            _ => {
                self.fail(0, None, DamageKind::NotAHeader);
                return;
            }
        };
        self.header = Some(Header { size: bytes.len() as u64, last_index, bytes: bytes.to_vec() });
        self.record_offset = bytes.len() as u64;
        self.skipper = Skipper::new();
        self.place = Stage::Records;
    }

    #[inline]
    fn record_done(&mut self, size: usize) {
        self.records = self.records.wrapping_add(1);
        self.record_offset = self.record_offset.wrapping_add(size as u64);
        self.skipper = Skipper::new();
    }

    fn emit(
        &mut self,
        buffer: Arc<Buffer>,
        start: usize,
        ends: Vec<usize>,
        first_number: u64,
        offset: u64,
    ) {
        self.ready.push_back(Block { buffer, start, ends, seq: self.blocks, first_number, offset });
        self.blocks = self.blocks.wrapping_add(1);
    }

    fn too_long(&mut self, kind: Option<u8>) {
        let limit = self.limits.record;
        self.fail(0, kind, DamageKind::Wire(WireErrorKind::TooLong { limit }));
    }

    /// Ends the walk `at` bytes after the start of the current record, or of the header.
    fn fail(&mut self, at: u64, record_kind: Option<u8>, kind: DamageKind) {
        let in_records = self.place == Stage::Records;
        self.damage = Some(Damage {
            offset: self.record_offset.saturating_add(at),
            number: if in_records { self.records.wrapping_add(1) } else { 0 },
            record_offset: self.record_offset,
            record_kind: record_kind.filter(|_| in_records).map(Kind),
            kind,
        });
        self.place = Stage::Ended;
    }
}

/// Whether a record with these bytes present, and this many announced, exceeds the limit.
fn tail_exceeds(bytes: &[u8], announced: u64, limit: u64) -> bool {
    bytes.len() as u64 > limit || announced > limit
}
