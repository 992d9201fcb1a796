//! Records by offset.

use super::map::Map;
use snapscope_decode::{Frame, Kind, frames_of};
use std::collections::HashMap;

/// Number of bytes of a part, or a little more.
const PART: u64 = 4 << 20;

/// Some adjacent records.
pub(crate) struct Part<'r> {
    /// The number of the first one.
    number: u64,
    /// Its offset in the copy.
    offset: u64,
    bytes: &'r [u8],
}

impl<'r> Part<'r> {
    /// Its records.
    pub(crate) fn frames(&self) -> impl Iterator<Item = Frame<'r>> {
        let Self { number, offset, bytes } = *self;
        frames_of(bytes).map_while(Result::ok).map(move |frame| Frame {
            number: number + frame.number - 1,
            offset: offset + frame.offset,
            ..frame
        })
    }
}

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

    /// All records in parts, in file order. `other` is the offset of the first record that is not in
    /// the index by type.
    pub(super) fn parts(&self, other: Option<u64>) -> impl Iterator<Item = Part<'_>> {
        let places = self.places.values().filter_map(|places| places.first().copied());
        let first = places.chain(other).min().unwrap_or(0);
        let start = usize::try_from(first).ok();
        let bytes = start.and_then(|start| self.map.bytes().get(start..)).unwrap_or(&[]);
        let mut frames = frames_of(bytes).map_while(Result::ok);
        std::iter::from_fn(move || {
            let Frame { number, offset, bytes: record, .. } = frames.next()?;
            let (mut end, start) = (offset + record.len() as u64, offset);
            while end - start < PART
                && let Some(frame) = frames.next()
            {
                end = frame.offset + frame.size();
            }
            let range = usize::try_from(start).ok()?..usize::try_from(end).ok()?;
            Some(Part { number, offset: first + start, bytes: bytes.get(range)? })
        })
    }

    /// Returns the memory of pages to the system, which reads them again on demand.
    pub(super) fn release(&self) {
        self.map.release();
    }
}
