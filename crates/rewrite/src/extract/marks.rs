//! The starts of a block's records, and which of them are written elsewhere.

use super::decide::key_of;
use snapscope_decode::{Frame, Kind};

/// The sections whose records have keys.
pub(super) const SECTIONS: [Kind; 2] = [Kind::KVS, Kind::TOMBSTONE];

/// The start of a record or section among a block's new records.
#[derive(Debug)]
pub(super) struct Mark {
    /// Its byte among the new records.
    pub(super) start: usize,
    pub(super) kind: Kind,
    /// The key of the record that begins here; `None` if it is renamed and written elsewhere, or has none.
    pub(super) key: Option<Vec<u8>>,
}

/// The starts of sections, and the keys in sections of keys.
#[derive(Debug, Default)]
pub(super) struct Marks {
    pub(super) marks: Vec<Mark>,
    pub(super) last: Option<Kind>,
}

impl Marks {
    pub(super) fn clear(&mut self) {
        self.marks.clear();
        self.last = None;
    }

    /// Notes a record whose new form starts at byte `start`, or would.
    pub(super) fn add(&mut self, frame: &Frame<'_>, start: usize, is_renamed: bool) {
        let has_keys = SECTIONS.contains(&frame.kind);
        if has_keys || self.last != Some(frame.kind) {
            let key = key_of(frame).filter(|_| has_keys && !is_renamed);
            self.marks.push(Mark { start, kind: frame.kind, key: key.map(<[u8]>::to_vec) });
        }
        self.last = Some(frame.kind);
    }
}
