//! A snapshot's records at random: one inflated copy of `state.bin`, and where in it each record is.

mod fill;
mod keys;
mod map;
mod records;

pub(crate) use fill::{Filled, fill};

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
    /// The record that starts at an offset.
    pub(crate) fn frame(&self, at: u64) -> Option<Frame<'_>> {
        self.records.frame(at)
    }

    /// The records of a type, in the order of the file; none of keys and tombstones.
    pub(crate) fn records(&self, kind: Kind) -> impl DoubleEndedIterator<Item = Frame<'_>> {
        self.records.of(kind)
    }

    /// The key of that name.
    pub(crate) fn key(&self, name: &[u8]) -> Option<KvRef<'_>> {
        self.keys.find(&self.records, name)
    }

    /// The key at a position in the order of the keys.
    pub(crate) fn key_at(&self, position: usize) -> Option<KvRef<'_>> {
        self.keys.at(&self.records, position)
    }

    /// How many keys there are.
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

    /// Gives the memory of what was read back to the system; for whoever has read much.
    pub(crate) fn release(&self) {
        self.records.release();
    }

    /// All records, in the order of the file.
    pub(crate) fn all(&self) -> impl Iterator<Item = Frame<'_>> {
        let keys = self.keys.first().into_iter().chain(self.tombstones.first());
        self.records.all(keys.min())
    }

    /// The records of a type, keys and tombstones in the order of their names.
    pub(crate) fn all_of(&self, kind: Kind) -> Box<dyn Iterator<Item = Frame<'_>> + '_> {
        match kind {
            Kind::KVS => Box::new(self.keys.frames(&self.records)),
            Kind::TOMBSTONE => Box::new(self.tombstones.frames(&self.records)),
            kind => Box::new(self.records(kind)),
        }
    }
}
