//! Collects the requested objects from one snapshot.

use super::stored::Stored;
use crate::drivers::{Fold, Problems};
use crate::rows::{Fit, Question};
use snapscope_archive::Closing;
use snapscope_decode::wire::Value;
use snapscope_decode::{Frame, Kind};
use snapscope_objects::row::{Reader, Row, RowOptions};
use snapscope_runs::{Room, Sorter};
use std::collections::BTreeSet;
use std::io;

/// Maximum number of matching prefixes that are named.
pub(super) const NAMED: usize = 10;

/// The data from one snapshot.
#[derive(Debug)]
pub struct Found {
    /// Objects that match by ID or name: by ID, the match, the record's number, the object.
    pub(super) rows: Sorter,
    /// IDs of objects that match only by a prefix: the first ones, one more than are named.
    pub(super) beginnings: BTreeSet<Vec<u8>>,
    /// Tombstones that may concern an object: by key, the index of its deletion.
    pub(super) tombstones: Sorter,
    /// An error while storing data.
    pub(super) failed: Option<io::Error>,
}

/// Collects the data about some objects from one snapshot.
///
/// Most records are rejected by their type, and keys by their first bytes; of others only the names
/// are read until one matches.
#[derive(Debug)]
pub struct Collect<'q> {
    question: &'q Question,
    names: Reader,
    whole: Reader,
    found: Found,
}

impl<'q> Collect<'q> {
    /// Creates an empty one. Data that does not fit into `room` goes to disk.
    #[must_use]
    pub fn new(question: &'q Question, room: &Room) -> Self {
        let kind = question.kind;
        let peers = question.peers.clone();
        let names = RowOptions { peers: peers.clone(), projection: kind.projection(&[], None) };
        let whole = RowOptions { peers, ..RowOptions::default() };
        Self {
            question,
            names: Reader::new(kind, names),
            whole: Reader::new(kind, whole),
            found: Found {
                rows: Sorter::new(room),
                beginnings: BTreeSet::new(),
                tombstones: Sorter::new(room),
                failed: None,
            },
        }
    }

    fn tombstone(&mut self, frame: &Frame<'_>) {
        let Some(entries) = frame.entries() else { return };
        if let Ok(Some(Value::Raw(key))) = entries.find(b"Key")
            && self.question.may_concern(key)
            && let Ok(Some(Value::Uint(index))) = entries.find(b"ModifyIndex")
        {
            let kept = self.found.tombstones.push(key, &index.to_le_bytes());
            self.found.tell(kept);
        }
    }

    /// Whether a record becomes a matching row, judging by names.
    fn fits(&mut self, frame: &Frame<'_>, problems: &mut Problems) -> bool {
        if let Some(id) = self.question.kind.stored_id(frame) {
            return self.question.may(id);
        }
        let Self { question, names, found, .. } = self;
        let mut fits = false;
        let broken = names.frame(frame, &mut |row| match question.fit(row) {
            Some(Fit::Beginning) => found.begins(row.id()),
            Some(_) => fits = true,
            None => {}
        });
        // For a match they are reported with the whole row.
        if !fits {
            broken.into_iter().for_each(|problem| problems.add(frame, problem));
        }
        fits
    }
}

impl Found {
    fn begins(&mut self, id: Vec<u8>) {
        self.beginnings.insert(id);
        // The last ones are dropped, so the rest does not depend on which were seen first.
        while self.beginnings.len() > NAMED + 1 {
            self.beginnings.pop_last();
        }
    }

    /// `number` is that of the row's record; rows of joins have none.
    fn row(&mut self, question: &Question, number: u64, row: &Row) {
        match question.fit(row) {
            Some(Fit::Beginning) => self.begins(row.id()),
            Some(fit) => {
                let kept = self.rows.push(&row.id(), &Stored::write(fit, number, row));
                self.tell(kept);
            }
            None => {}
        }
    }

    fn tell(&mut self, kept: io::Result<()>) {
        if let Err(e) = kept {
            self.failed.get_or_insert(e);
        }
    }
}

impl Fold for Collect<'_> {
    type Out = Found;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        if frame.kind == Kind::TOMBSTONE && self.question.kind.traits.leaves_tombstones {
            self.tombstone(frame);
            return;
        }
        let kind = self.question.kind;
        if !kind.from.contains(&frame.kind) || kind.is_direct() && !self.fits(frame, problems) {
            return;
        }
        let Self { question, whole, found, .. } = self;
        for problem in whole.frame(frame, &mut |row| found.row(question, frame.number, row)) {
            problems.add(frame, problem);
        }
    }

    fn merge(&mut self, other: Self) {
        self.whole.merge(other.whole);
        let Found { rows, beginnings, tombstones, failed } = other.found;
        let found = &mut self.found;
        found.failed = found.failed.take().or(failed);
        for kept in [found.rows.absorb(rows), found.tombstones.absorb(tombstones)] {
            found.tell(kept);
        }
        beginnings.into_iter().for_each(|id| found.begins(id));
    }

    fn finish(self, _: &Closing) -> Found {
        let Self { question, whole, mut found, .. } = self;
        whole.finish(&mut |row| found.row(question, 0, row));
        found
    }
}
