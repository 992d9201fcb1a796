//! Checks that records are in the order in which servers write them, without duplicates.

use super::finding::{At, Findings};
use super::rules::{RECORD_ORDER, REPEATED, SECTION_ORDER};
use snapscope_decode::{Frame, Kind};
use snapscope_runs::{Room, Sorter};
use std::hash::{BuildHasher as _, RandomState};
use std::io;

/// A record with its sort key.
#[derive(Debug, Clone)]
struct Mark {
    at: At,
    key: Vec<u8>,
}

/// A run of consecutive records that one worker read.
#[derive(Debug)]
struct Stretch {
    first: Mark,
    last: Mark,
}

/// Compares each record with the one before it.
#[derive(Debug, Default)]
pub(super) struct OrderCheck {
    stretches: Vec<Stretch>,
    disordered: Vec<Kind>,
}

impl OrderCheck {
    /// Takes the next record; `key` is its sort key, empty if it has none.
    pub(super) fn record(&mut self, frame: &Frame<'_>, key: &[u8], found: &mut Findings) {
        let at = At::from(frame);
        if let Some(Stretch { last, .. }) = self.stretches.last_mut()
            && last.at.number.wrapping_add(1) == at.number
        {
            compare(&mut self.disordered, (&last.at, &last.key), (&at, key), found);
            last.at = at;
            last.key.clear();
            last.key.extend_from_slice(key);
            return;
        }
        let mark = Mark { at, key: key.to_vec() };
        self.stretches.push(Stretch { first: mark.clone(), last: mark });
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.stretches.extend(other.stretches);
        self.disordered.extend(other.disordered);
    }

    /// Compares the runs of different workers; returns the types whose records are out of order,
    /// which may contain duplicates.
    pub(super) fn finish(mut self, found: &mut Findings) -> Vec<Kind> {
        self.stretches.sort_by_key(|stretch| stretch.first.at.number);
        let Self { stretches, mut disordered } = self;
        for (before, after) in stretches.iter().zip(stretches.iter().skip(1)) {
            let (last, first) = (&before.last, &after.first);
            compare(&mut disordered, (&last.at, &last.key), (&first.at, &first.key), found);
        }
        disordered.sort_unstable();
        disordered.dedup();
        disordered
    }
}

fn compare(
    disordered: &mut Vec<Kind>,
    (before, key_before): (&At, &[u8]),
    (after, key): (&At, &[u8]),
    found: &mut Findings,
) {
    if before.kind != after.kind {
        if after.kind.section() < before.kind.section() {
            // Both may be in two pieces.
            disordered.extend([before.kind, after.kind]);
            found.add(&SECTION_ORDER, Some(*after), || {
                format!("{} records come after {} records", after.kind, before.kind)
            });
        }
    } else if key_before > key {
        disordered.push(after.kind);
        found.add(&RECORD_ORDER, Some(*after), || {
            format!("it is not in the order of {} records", after.kind)
        });
    } else if key_before == key && !key.is_empty() {
        repeated(*after, *before, found);
    }
}

fn repeated(after: At, before: At, found: &mut Findings) {
    found.add(&REPEATED, Some(after), || {
        format!(
            "it describes the same object as record {} (at byte {}); the last one replaces it",
            before.number, before.offset
        )
    });
}

/// Finds several records of one object anywhere, for types without an order.
#[derive(Debug)]
pub(super) struct Repeats {
    hasher: RandomState,
    /// Places of records by the hash of their object; on disk if there are too many for memory.
    seen: Sorter,
    failed: Option<io::Error>,
}

impl Repeats {
    /// All parts of one pass share `hasher` and `room`.
    pub(super) fn new(hasher: RandomState, room: &Room) -> Self {
        Self { hasher, seen: Sorter::new(room), failed: None }
    }

    pub(super) fn record(&mut self, frame: &Frame<'_>, key: &[u8]) {
        if key.is_empty() {
            return;
        }
        let hash = self.hasher.hash_one((frame.kind, key));
        let At { number, offset, kind } = At::from(frame);
        // Those of one object come in the order of the file.
        let place = [hash, number].map(u64::to_be_bytes).concat();
        let mut about = [0; 9];
        let (first, rest) = about.split_at_mut(8);
        first.copy_from_slice(&offset.to_be_bytes());
        rest.fill(kind.0);
        let kept = self.seen.push(&place, &about);
        self.tell(kept);
    }

    fn tell(&mut self, kept: io::Result<()>) {
        if let Err(e) = kept {
            self.failed.get_or_insert(e);
        }
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.failed = self.failed.take().or(other.failed);
        let kept = self.seen.absorb(other.seen);
        self.tell(kept);
    }

    /// Adds duplicates that are not neighbours.
    pub(super) fn finish(self, found: &mut Findings) -> io::Result<()> {
        if let Some(e) = self.failed {
            return Err(e);
        }
        let seen = self.seen.finish()?;
        let mut places = seen.entries()?;
        let mut before: Option<(u64, At)> = None;
        while let Some(place) = places.next()? {
            let Some((hash, at)) = read_place(place.key, place.value) else { continue };
            if let Some((known, before)) = before
                && known == hash
                // Neighbours are already compared.
                && before.number + 1 != at.number
            {
                repeated(at, before, found);
            }
            before = Some((hash, at));
        }
        Ok(())
    }
}

/// The hash of an object, and the place of its record.
fn read_place(key: &[u8], about: &[u8]) -> Option<(u64, At)> {
    let number = |bytes: &[u8]| Some(u64::from_be_bytes(*bytes.first_chunk()?));
    let kind = Kind(*about.get(8)?);
    let at = At { number: number(key.get(8..)?)?, offset: number(about)?, kind };
    Some((number(key)?, at))
}
