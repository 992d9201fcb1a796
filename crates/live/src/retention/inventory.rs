//! The content of a store's listing.

use crate::store::{SnapshotId, Stored, sidecar_name};
use std::collections::BTreeMap;

/// The snapshots in a store, and which of them have a sidecar.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory {
    snapshots: BTreeMap<SnapshotId, Entry>,
    /// Sidecars without a snapshot.
    left_over: Vec<SnapshotId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    size: u64,
    has_sidecar: bool,
    modified: std::time::SystemTime,
}

impl Inventory {
    /// Builds it from a listing in any order, even with repetitions. Only names of the form
    /// `consul-<ID>.snap` and their sidecars count.
    #[must_use]
    pub fn of(listing: &[Stored]) -> Self {
        let mut snapshots: BTreeMap<SnapshotId, Entry> = BTreeMap::new();
        let mut sidecars = Vec::new();
        for stored in listing {
            if let Some(id) = SnapshotId::of_file_name(&stored.name) {
                let (size, modified) = (stored.size, stored.modified);
                snapshots.insert(id, Entry { size, has_sidecar: false, modified });
            } else if let Some(id) = sidecar_id(&stored.name) {
                sidecars.push(id);
            }
        }
        let mut left_over = Vec::new();
        for id in sidecars {
            match snapshots.get_mut(&id) {
                Some(entry) => entry.has_sidecar = true,
                None => left_over.push(id),
            }
        }
        left_over.sort_unstable();
        left_over.dedup();
        Self { snapshots, left_over }
    }

    /// Returns IDs and sizes, oldest first.
    pub fn snapshots(&self) -> impl DoubleEndedIterator<Item = (SnapshotId, u64)> {
        self.snapshots.iter().map(|(id, entry)| (*id, entry.size))
    }

    /// Returns the newest, with its size and when it was written.
    #[must_use]
    pub fn newest(&self) -> Option<(SnapshotId, u64, std::time::SystemTime)> {
        let (id, entry) = self.snapshots.last_key_value()?;
        Some((*id, entry.size, entry.modified))
    }

    /// The one before another, with its size.
    #[must_use]
    pub fn before(&self, id: SnapshotId) -> Option<(SnapshotId, u64)> {
        self.snapshots.range(..id).next_back().map(|(id, entry)| (*id, entry.size))
    }

    /// The one after another.
    #[must_use]
    pub fn after(&self, id: SnapshotId) -> Option<SnapshotId> {
        use std::ops::Bound::{Excluded, Unbounded};
        self.snapshots.range((Excluded(id), Unbounded)).next().map(|(id, _)| *id)
    }

    /// Returns the size of a snapshot; `None` if it is absent.
    #[must_use]
    pub fn size(&self, id: SnapshotId) -> Option<u64> {
        self.snapshots.get(&id).map(|entry| entry.size)
    }

    /// Whether it has a sidecar.
    #[must_use]
    pub fn has_sidecar(&self, id: SnapshotId) -> bool {
        self.snapshots.get(&id).is_some_and(|entry| entry.has_sidecar)
    }

    /// The same without some snapshots.
    #[must_use]
    pub fn without(&self, is_left_out: impl Fn(&SnapshotId) -> bool) -> Self {
        let kept = self.snapshots.iter().filter(|(id, _)| !is_left_out(id));
        let snapshots = kept.map(|(id, entry)| (*id, *entry)).collect();
        Self { snapshots, left_over: self.left_over.clone() }
    }

    /// Returns the IDs of sidecars without a snapshot, oldest first.
    #[must_use]
    pub fn left_over(&self) -> &[SnapshotId] {
        &self.left_over
    }

    /// Returns the snapshots that are missing compared with an earlier one: a listing was
    /// incomplete, or another program removes snapshots here.
    #[must_use]
    pub fn lacks_of(&self, earlier: &Self) -> Option<SnapshotId> {
        earlier.snapshots.keys().find(|id| !self.snapshots.contains_key(id)).copied()
    }
}

fn sidecar_id(name: &str) -> Option<SnapshotId> {
    let id = SnapshotId::of_file_name(name.strip_suffix(".json")?)?;
    (sidecar_name(&id.file_name()) == name).then_some(id)
}
