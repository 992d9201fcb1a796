//! What tombstones tell of a key: the index at which it was deleted.
//!
//! A server leaves a tombstone for each key that is deleted, but only one for all keys that are
//! deleted by their prefix, with the prefix as its key. It removes them after a while (15 minutes,
//! if not told otherwise), so that many deletions leave none in any snapshot.

use std::collections::{BTreeMap, BTreeSet};

/// The tombstones that may tell of the current key, of all snapshots of one cluster.
///
/// Keys come in order, so that what a key begins with was met before it, and is forgotten when a key
/// comes that doesn't begin so.
#[derive(Debug, Default)]
pub(super) struct Tombstones {
    /// Keys that the current one begins with, the shortest first, and when they were deleted.
    prefixes: Vec<(Vec<u8>, BTreeSet<u64>)>,
    /// Of the current key itself by snapshot the index of the last deletion.
    own: BTreeMap<usize, u64>,
}

impl Tombstones {
    /// Goes on to a key.
    pub(super) fn enter(&mut self, key: &[u8]) {
        while self.prefixes.last().is_some_and(|(prefix, _)| !key.starts_with(prefix)) {
            self.prefixes.pop();
        }
        self.own.clear();
    }

    /// Adds a tombstone of the current key that a snapshot has.
    pub(super) fn add(&mut self, key: &[u8], at: usize, index: u64) {
        let last = self.own.entry(at).or_default();
        *last = index.max(*last);
        match self.prefixes.last_mut() {
            Some((known, indexes)) if known == key => {
                indexes.insert(index);
            }
            _ => self.prefixes.push((key.to_vec(), BTreeSet::from([index]))),
        }
    }

    /// The current key's own tombstones: by snapshot the index of the last deletion.
    pub(super) const fn own(&self) -> &BTreeMap<usize, u64> {
        &self.own
    }

    /// When the current key was deleted: the first index above `above` and not above `up_to` at which
    /// it, or what it begins with, was.
    pub(super) fn deletion(&self, key: &[u8], above: u64, up_to: u64) -> Option<Deletion> {
        if up_to <= above {
            return None;
        }
        let first =
            |indexes: &BTreeSet<u64>| indexes.range(above.checked_add(1)?..=up_to).next().copied();
        let told = self.prefixes.iter().filter(|(prefix, _)| !prefix.is_empty());
        let told = told.filter_map(|(prefix, indexes)| Some((prefix, first(indexes)?)));
        let (own, others): (Vec<_>, Vec<_>) = told.partition(|(prefix, _)| *prefix == key);
        if let Some((_, index)) = own.first() {
            return Some(Deletion { index: *index, prefix: None });
        }
        let (prefix, index) = others.into_iter().min_by_key(|(_, index)| *index)?;
        Some(Deletion { index, prefix: Some(prefix.clone()) })
    }
}

/// What a tombstone tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// The index of the deletion.
    pub index: u64,
    /// If it isn't the key's own tombstone but that of what the key begins with: all such keys may
    /// have been deleted then. This one may also have been deleted before, by itself.
    pub prefix: Option<Vec<u8>>,
}
