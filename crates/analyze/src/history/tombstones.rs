//! What tombstones tell of a key: the index at which it was deleted.
//!
//! A server leaves a tombstone for each key that is deleted, but only one for all keys that are
//! deleted by their prefix, with the prefix as its key. It removes them after a while (15 minutes,
//! if not told otherwise), so that many deletions leave none in any snapshot.

use super::life::Deletion;
use super::states::Seen;
use crate::series::Snapshot;

/// The tombstones of one cluster's snapshots.
pub(super) struct Tombstones<'s> {
    snapshots: &'s [Snapshot<Seen>],
}

impl<'s> Tombstones<'s> {
    pub(super) const fn new(snapshots: &'s [Snapshot<Seen>]) -> Self {
        Self { snapshots }
    }

    /// The key's own tombstone in a snapshot.
    pub(super) fn own(&self, key: &[u8], at: usize) -> Option<u64> {
        let all = self.snapshots.get(at)?.out.tombstones.iter();
        all.filter(|(of, _)| of == key).map(|(_, index)| *index).max()
    }

    /// When a key was deleted that was there in the snapshot before `from`: an index above `above`
    /// and not above `up_to`, told by any snapshot from `from` on.
    pub(super) fn deletion(
        &self,
        key: &[u8],
        from: usize,
        above: u64,
        up_to: u64,
    ) -> Option<Deletion> {
        let later = || self.snapshots.iter().skip(from).flat_map(|s| &s.out.tombstones);
        let within = |index: &u64| *index > above && *index <= up_to;
        let indexes = |is_it: &dyn Fn(&[u8]) -> bool| {
            later().filter(|(of, _)| is_it(of)).map(|(_, index)| *index).filter(within).min()
        };
        if let Some(index) = indexes(&|of| of == key) {
            return Some(Deletion { index, prefix: None });
        }
        let index = indexes(&|of| key.starts_with(of))?;
        let prefix = later().find(|(of, at)| *at == index && key.starts_with(of));
        prefix.map(|(of, _)| Deletion { index, prefix: Some(of.clone()) })
    }

    /// Keys of all tombstones, each once, in order.
    pub(super) fn keys(&self) -> Vec<&'s [u8]> {
        let all = self.snapshots.iter().flat_map(|s| &s.out.tombstones);
        let mut keys: Vec<&[u8]> = all.map(|(key, _)| key.as_slice()).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }
}
