//! Finds duplicate objects in types whose records are out of order.

use super::finding::Findings;
use super::key::key_of;
use super::order::Repeats;
use crate::drivers::{Fold, Problems};
use snapscope_archive::Closing;
use snapscope_decode::{Frame, Kind};
use snapscope_runs::Room;
use std::hash::RandomState;
use std::io;

/// Finds duplicate objects. It keeps a hash of each name, on disk if they do not fit in memory, and is only
/// for types for which comparing neighbours is not enough.
#[derive(Debug)]
pub struct FindRepeated {
    kinds: Option<Vec<Kind>>,
    repeats: Repeats,
    key: Vec<u8>,
}

impl FindRepeated {
    /// Reads records of these types, or of all types. Every part of one pass uses the same
    /// `hasher` and `room`.
    #[must_use]
    pub fn new(kinds: Option<Vec<Kind>>, hasher: RandomState, room: &Room) -> Self {
        Self { kinds, repeats: Repeats::new(hasher, room), key: Vec::new() }
    }
}

impl Fold for FindRepeated {
    type Out = io::Result<Findings>;

    fn frame(&mut self, frame: &Frame<'_>, _: &mut Problems) {
        if self.kinds.as_ref().is_some_and(|kinds| !kinds.contains(&frame.kind)) {
            return;
        }
        if let Ok(record) = frame.record()
            && let Ok(key) = key_of(&record, &mut self.key)
        {
            self.repeats.record(frame, key);
        }
    }

    fn merge(&mut self, other: Self) {
        self.repeats.merge(other.repeats);
    }

    fn finish(self, _: &Closing) -> io::Result<Findings> {
        let mut found = Findings::default();
        self.repeats.finish(&mut found)?;
        Ok(found)
    }
}
