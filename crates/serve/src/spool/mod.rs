//! Random access to a snapshot's records: an inflated copy of `state.bin`, and the offset of each
//! record in it.

mod fill;
mod keys;
mod map;
mod records;

pub(crate) use fill::{Filled, fill};
pub(crate) use records::Part;

use keys::Keys;
use records::Records;
use snapscope_decode::records::KvRef;
use snapscope_decode::{Frame, Kind};
use std::ops::Range;

/// The records of a snapshot. Keys and tombstones have indexes of their own.
pub(crate) struct Spool {
    records: Records,
    keys: Keys,
    tombstones: Keys,
}

impl Spool {
    /// The record at an offset.
    pub(crate) fn frame(&self, at: u64) -> Option<Frame<'_>> {
        self.records.frame(at)
    }

    /// The records of a type in file order, except for keys and tombstones.
    pub(crate) fn records(&self, kind: Kind) -> impl DoubleEndedIterator<Item = Frame<'_>> {
        self.records.of(kind)
    }

    /// Finds a key by name.
    pub(crate) fn key(&self, name: &[u8]) -> Option<KvRef<'_>> {
        self.keys.find(&self.records, name)
    }

    /// The key at a position in sorted order.
    pub(crate) fn key_at(&self, position: usize) -> Option<KvRef<'_>> {
        self.keys.at(&self.records, position)
    }

    /// Number of keys.
    pub(crate) const fn key_count(&self) -> usize {
        self.keys.len()
    }

    /// The record of the key at a position.
    pub(crate) fn key_frame(&self, position: usize) -> Option<Frame<'_>> {
        self.keys.frame(&self.records, position)
    }

    /// The positions of the keys that start with a prefix.
    pub(crate) fn keys_below(&self, prefix: &[u8]) -> Range<usize> {
        self.keys.below(&self.records, prefix)
    }

    /// The tombstones of keys that start with a prefix.
    pub(crate) fn tombstones_below(&self, prefix: &[u8]) -> impl Iterator<Item = KvRef<'_>> {
        let positions = self.tombstones.below(&self.records, prefix);
        positions.filter_map(|position| self.tombstones.at(&self.records, position))
    }

    /// Returns the memory of pages to the system, after a long read.
    pub(crate) fn release(&self) {
        self.records.release();
    }

    /// All records in parts, in file order.
    pub(crate) fn parts(&self) -> impl Iterator<Item = Part<'_>> {
        let keys = self.keys.first().into_iter().chain(self.tombstones.first());
        self.records.parts(keys.min())
    }

    /// The records of a type; keys and tombstones are sorted by name.
    pub(crate) fn all_of(&self, kind: Kind) -> Box<dyn Iterator<Item = Frame<'_>> + '_> {
        match kind {
            Kind::KVS => Box::new(self.keys.frames(&self.records)),
            Kind::TOMBSTONE => Box::new(self.tombstones.frames(&self.records)),
            kind => Box::new(self.records(kind)),
        }
    }
}
