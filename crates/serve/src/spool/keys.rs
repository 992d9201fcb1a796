//! Keys in order, found by their offsets alone.

use super::Spool;
use snapscope_decode::records::KvRef;
use std::ops::Range;

/// Where the record of each key starts, in the order of the keys. The keys themselves stay in the file: five million of
/// them take 40 MB here.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    places: Vec<u64>,
}

impl Keys {
    pub(super) const fn new(places: Vec<u64>) -> Self {
        Self { places }
    }

    /// Sorts them, if the file does not.
    pub(super) fn sort(&mut self, spool: &Spool) {
        let key = |at: &u64| spool.key_at(*at);
        if !self.places.is_sorted_by_key(key) {
            self.places.sort_by(|a, b| key(a).cmp(key(b)));
        }
    }

    /// The one at a position.
    pub(crate) fn at<'s>(&self, spool: &'s Spool, position: usize) -> Option<KvRef<'s>> {
        KvRef::of(&spool.frame(*self.places.get(position)?)?).ok()
    }

    /// The one of that name.
    pub(crate) fn find<'s>(&self, spool: &'s Spool, key: &[u8]) -> Option<KvRef<'s>> {
        let at = self.first_from(spool, key);
        self.at(spool, at).filter(|kv| kv.key.0 == key)
    }

    /// The positions of those that start with a prefix.
    pub(crate) fn below(&self, spool: &Spool, prefix: &[u8]) -> Range<usize> {
        let first = self.first_from(spool, prefix);
        let Some(rest) = self.places.get(first..) else { return first..first };
        let count = rest.partition_point(|at| spool.key_at(*at).starts_with(prefix));
        first..first + count
    }

    fn first_from(&self, spool: &Spool, key: &[u8]) -> usize {
        self.places.partition_point(|at| spool.key_at(*at) < key)
    }
}

impl Spool {
    /// The key of the record at an offset.
    fn key_at(&self, at: u64) -> &[u8] {
        self.frame(at).and_then(|frame| KvRef::of(&frame).ok()).map_or(&[], |kv| kv.key.0)
    }
}
