//! Keys in order, found by their offsets alone.

use super::records::Records;
use snapscope_decode::Frame;
use snapscope_decode::records::KvRef;
use std::ops::Range;

/// Where the record of each key starts, in the order of the keys. The keys themselves stay in the file: five million of
/// them take 40 MB here.
#[derive(Debug, Default)]
pub(super) struct Keys {
    places: Vec<u64>,
    /// The key that was added last.
    last: Vec<u8>,
    /// Whether a key came before a smaller one; servers write them in order.
    is_unordered: bool,
}

impl Keys {
    /// Adds a key, as long as the file is read.
    pub(super) fn push(&mut self, key: &[u8], at: u64) {
        self.is_unordered |= key < self.last.as_slice();
        self.last.clear();
        self.last.extend_from_slice(key);
        self.places.push(at);
    }

    /// Makes it ready once all were added.
    pub(super) fn finish(mut self, records: &Records) -> Self {
        if self.is_unordered {
            self.places.sort_by(|a, b| key_at(records, *a).cmp(key_at(records, *b)));
        }
        self.places.shrink_to_fit();
        self.last = Vec::new();
        self
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        self.places.len()
    }

    /// The one at a position.
    pub(super) fn at<'r>(&self, records: &'r Records, position: usize) -> Option<KvRef<'r>> {
        KvRef::of(&records.frame(*self.places.get(position)?)?).ok()
    }

    /// The record at a position.
    pub(super) fn frame<'r>(&self, records: &'r Records, position: usize) -> Option<Frame<'r>> {
        records.frame(*self.places.get(position)?)
    }

    /// All records, in order.
    pub(super) fn frames<'r>(&'r self, records: &'r Records) -> impl Iterator<Item = Frame<'r>> {
        self.places.iter().filter_map(|at| records.frame(*at))
    }

    /// Where the record that comes first in the file starts.
    pub(super) fn first(&self) -> Option<u64> {
        self.places.iter().copied().min()
    }

    /// The one of that name.
    pub(super) fn find<'r>(&self, records: &'r Records, key: &[u8]) -> Option<KvRef<'r>> {
        let at = self.first_from(records, key);
        self.at(records, at).filter(|kv| kv.key.0 == key)
    }

    /// The positions of those that start with a prefix.
    pub(super) fn below(&self, records: &Records, prefix: &[u8]) -> Range<usize> {
        let first = self.first_from(records, prefix);
        let Some(rest) = self.places.get(first..) else { return first..first };
        let count = rest.partition_point(|at| key_at(records, *at).starts_with(prefix));
        first..first + count
    }

    fn first_from(&self, records: &Records, key: &[u8]) -> usize {
        self.places.partition_point(|at| key_at(records, *at) < key)
    }
}

/// The key of the record at an offset.
fn key_at(records: &Records, at: u64) -> &[u8] {
    records.frame(at).and_then(|frame| KvRef::of(&frame).ok()).map_or(&[], |kv| kv.key.0)
}
