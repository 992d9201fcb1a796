//! Finds the index of a key's deletion in tombstones.
//!
//! A server writes a tombstone for each deleted key, but only one for a deleted prefix, with the
//! prefix as its key. It removes them after a while (15 minutes by default), so a deletion may
//! leave no tombstone in any snapshot.

use std::collections::{BTreeMap, BTreeSet};

/// The tombstones in all snapshots of one cluster that may concern the current key.
///
/// Keys are sorted, so the prefixes of a key come before it, and are dropped at the first key
/// without that prefix.
#[derive(Debug, Default)]
pub(super) struct Tombstones {
    /// Prefixes of the current key, shortest first, and when they were deleted.
    prefixes: Vec<(Vec<u8>, BTreeSet<u64>)>,
    /// For the current key itself, the index of the last deletion by snapshot.
    own: BTreeMap<usize, u64>,
}

impl Tombstones {
    /// Advances to a key.
    pub(super) fn enter(&mut self, key: &[u8]) {
        while self.prefixes.last().is_some_and(|(prefix, _)| !key.starts_with(prefix)) {
            self.prefixes.pop();
        }
        self.own.clear();
    }

    /// Adds a snapshot's tombstone of the current key.
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

    /// The current key's own tombstones: the index of the last deletion by snapshot.
    pub(super) const fn own(&self) -> &BTreeMap<usize, u64> {
        &self.own
    }

    /// When the current key was deleted: the first index above `above` and not above `up_to` at
    /// which it or a prefix of it was deleted.
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

/// The information in a tombstone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deletion {
    /// The index of the deletion.
    pub index: u64,
    /// If it is the tombstone of a prefix of the key: all keys with that prefix may have been
    /// deleted then. This one may also have been deleted on its own before.
    pub prefix: Option<Vec<u8>>,
}
