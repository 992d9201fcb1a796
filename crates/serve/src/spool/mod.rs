//! A snapshot's records at random: one inflated copy of `state.bin`, and where in it each record is.

mod fill;
mod keys;
mod map;

pub(crate) use fill::{Filled, fill};
pub(crate) use keys::Keys;

use map::Map;
use snapscope_decode::{Frame, Kind, frames_of};
use std::collections::HashMap;

/// The records of a snapshot.
pub(crate) struct Spool {
    map: Map,
    /// Where the records of each type start, in order; keys and tombstones have indexes of their own.
    places: HashMap<Kind, Vec<u64>>,
    /// Live keys.
    pub(crate) keys: Keys,
    /// Deleted keys that servers still remember.
    pub(crate) tombstones: Keys,
}

impl Spool {
    /// The record that starts at an offset.
    pub(crate) fn frame(&self, at: u64) -> Option<Frame<'_>> {
        let bytes = self.map.bytes().get(usize::try_from(at).ok()?..)?;
        frames_of(bytes).next()?.ok()
    }

    /// The records of a type, in the order of the file.
    pub(crate) fn records(&self, kind: Kind) -> impl DoubleEndedIterator<Item = Frame<'_>> {
        self.places.get(&kind).into_iter().flatten().filter_map(|at| self.frame(*at))
    }
}
