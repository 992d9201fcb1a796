//! What tombstones tell of a key: the index at which it was deleted.
//!
//! A server leaves a tombstone for each key that is deleted, but only one for all keys that are
//! deleted by their prefix, with the prefix as its key. It removes them after a while (15 minutes,
//! if not told otherwise), so that many deletions leave none in any snapshot.

use super::life::Deletion;
use super::states::Seen;
use crate::series::Snapshot;
use std::collections::{BTreeMap, BTreeSet};

/// The tombstones of one cluster's snapshots: of each key the indexes of its deletions.
#[derive(Debug, Default)]
pub(super) struct Tombstones(BTreeMap<Vec<u8>, BTreeSet<u64>>);

impl Tombstones {
    pub(super) fn of(snapshots: &[Snapshot<Seen>]) -> Self {
        let mut all = Self::default();
        for (key, index) in snapshots.iter().flat_map(|snapshot| &snapshot.out.tombstones) {
            all.0.entry(key.clone()).or_default().insert(*index);
        }
        all
    }

    /// The keys they are of, in order.
    pub(super) fn keys(&self) -> impl Iterator<Item = &[u8]> {
        self.0.keys().map(Vec::as_slice)
    }

    /// When a key was deleted: the first index above `above` and not above `up_to` at which it, or
    /// what it begins with, was.
    pub(super) fn deletion(&self, key: &[u8], above: u64, up_to: u64) -> Option<Deletion> {
        let first =
            |of: &[u8]| self.0.get(of)?.range(above.checked_add(1)?..=up_to).next().copied();
        if up_to <= above {
            return None;
        }
        if let Some(index) = first(key) {
            return Some(Deletion { index, prefix: None });
        }
        let prefixes = (1..key.len()).filter_map(|len| key.get(..len));
        let told = prefixes
            .filter_map(|of| Some(Deletion { index: first(of)?, prefix: Some(of.to_vec()) }));
        told.min_by_key(|deletion| deletion.index)
    }
}
