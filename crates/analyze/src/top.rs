//! The largest records.

use crate::drivers::{Fold, Problems};
use snapscope_archive::Closing;
use snapscope_decode::{Frame, Kind};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A large record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Largest {
    /// Its size in bytes, including the type byte.
    pub size: u64,
    /// Its offset in `state.bin`.
    pub offset: u64,
    /// Number of the record in the file, from 1.
    pub number: u64,
    /// Its type.
    pub kind: Kind,
    /// What it describes: a key, a node and service, a name. Never a secret.
    pub identity: Vec<u8>,
}

/// Keeps the largest records; of equal ones the first in the file.
#[derive(Debug)]
pub struct Top {
    keep: usize,
    kinds: Option<Vec<Kind>>,
    /// The smallest kept one on top; of equal ones the last in the file.
    heap: BinaryHeap<Reverse<Entry>>,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    size: u64,
    earlier: Reverse<u64>,
    number: u64,
    kind: Kind,
    identity: Vec<u8>,
}

impl Top {
    /// Keeps `keep` records, only of these types if any are given.
    #[must_use]
    pub const fn new(keep: usize, kinds: Option<Vec<Kind>>) -> Self {
        Self { keep, kinds, heap: BinaryHeap::new() }
    }

    fn is_kept(&self, size: u64, offset: u64) -> bool {
        self.heap.len() < self.keep
            || self
                .heap
                .peek()
                .is_some_and(|Reverse(least)| (least.size, least.earlier) < (size, Reverse(offset)))
    }

    fn push(&mut self, entry: Entry) {
        self.heap.push(Reverse(entry));
        if self.heap.len() > self.keep {
            self.heap.pop();
        }
    }
}

impl Fold for Top {
    type Out = Vec<Largest>;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        if self.kinds.as_ref().is_some_and(|kinds| !kinds.contains(&frame.kind))
            || !self.is_kept(frame.size(), frame.offset)
        {
            return;
        }
        let identity = frame.record().and_then(|record| record.identity());
        let identity = identity.unwrap_or_else(|e| {
            problems.add(frame, e);
            Vec::new()
        });
        self.push(Entry {
            size: frame.size(),
            earlier: Reverse(frame.offset),
            number: frame.number,
            kind: frame.kind,
            identity,
        });
    }

    fn merge(&mut self, other: Self) {
        for Reverse(entry) in other.heap {
            self.push(entry);
        }
    }

    fn is_light(&self) -> bool {
        true
    }

    fn finish(self, _: &Closing) -> Vec<Largest> {
        let mut entries: Vec<Entry> = self.heap.into_iter().map(|Reverse(entry)| entry).collect();
        entries.sort_by(|a, b| b.cmp(a));
        entries
            .into_iter()
            .map(|Entry { size, earlier: Reverse(offset), number, kind, identity }| Largest {
                size,
                offset,
                number,
                kind,
                identity,
            })
            .collect()
    }
}
