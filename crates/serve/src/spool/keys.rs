//! Keys in order, represented only by their offsets.

use super::records::Records;
use snapscope_decode::Frame;
use snapscope_decode::records::KvRef;
use std::ops::Range;

/// The offset of each key's record, ordered by key. The keys themselves stay in the file: five
/// million of them take 40 MB here.
#[derive(Debug, Default)]
pub(super) struct Keys {
    places: Vec<u64>,
    /// The last key added.
    last: Vec<u8>,
    /// Whether a key was out of order; servers write keys sorted.
    is_unordered: bool,
}

impl Keys {
    /// Adds a key while the file is read.
    pub(super) fn push(&mut self, key: &[u8], at: u64) {
        self.is_unordered |= key < self.last.as_slice();
        self.last.clear();
        self.last.extend_from_slice(key);
        self.places.push(at);
    }

    /// Prepares look-ups after all keys were added.
    pub(super) fn finish(mut self, records: &Records) -> Self {
        if self.is_unordered {
            self.places.sort_by(|a, b| key_at(records, *a).cmp(key_at(records, *b)));
        }
        self.places.shrink_to_fit();
        self.last = Vec::new();
        self
    }

    /// Number of keys.
    pub(super) const fn len(&self) -> usize {
        self.places.len()
    }

    /// The key at a position.
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

    /// The offset of the record that comes first in the file.
    pub(super) fn first(&self) -> Option<u64> {
        self.places.iter().copied().min()
    }

    /// Finds a key by name.
    pub(super) fn find<'r>(&self, records: &'r Records, key: &[u8]) -> Option<KvRef<'r>> {
        let at = self.first_from(records, key);
        self.at(records, at).filter(|kv| kv.key.0 == key)
    }

    /// The positions of keys that start with a prefix.
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

/// The key in the record at an offset.
fn key_at(records: &Records, at: u64) -> &[u8] {
    records.frame(at).and_then(|frame| KvRef::of(&frame).ok()).map_or(&[], |kv| kv.key.0)
}
