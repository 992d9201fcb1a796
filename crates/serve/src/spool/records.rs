//! Records by offset.

use super::map::Map;
use snapscope_decode::{Frame, Kind, frames_of};
use std::collections::HashMap;

/// The records of a snapshot, found by their offsets.
pub(crate) struct Records {
    map: Map,
    /// The offsets of the records of each type, ascending.
    places: HashMap<Kind, Vec<u64>>,
}

impl Records {
    pub(super) const fn new(map: Map, places: HashMap<Kind, Vec<u64>>) -> Self {
        Self { map, places }
    }

    /// The record at an offset.
    pub(super) fn frame(&self, at: u64) -> Option<Frame<'_>> {
        let bytes = self.map.bytes().get(usize::try_from(at).ok()?..)?;
        frames_of(bytes).next()?.ok()
    }

    /// The records of a type, in file order.
    pub(super) fn of(&self, kind: Kind) -> impl DoubleEndedIterator<Item = Frame<'_>> {
        self.places.get(&kind).into_iter().flatten().filter_map(|at| self.frame(*at))
    }

    /// All records. `other` is the offset of the first record that is not in the index by type.
    pub(super) fn all(&self, other: Option<u64>) -> impl Iterator<Item = Frame<'_>> {
        let places = self.places.values().filter_map(|places| places.first().copied());
        let first = places.chain(other).min();
        let bytes = first.and_then(|at| self.map.bytes().get(usize::try_from(at).ok()?..));
        frames_of(bytes.unwrap_or(&[])).map_while(Result::ok)
    }

    /// Returns the memory of pages to the system, which reads them again on demand.
    pub(super) fn release(&self) {
        self.map.release();
    }
}
