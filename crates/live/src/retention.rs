//! Which stored snapshots may go.

use crate::sidecar::Sidecar;
use crate::store::{Lease, SnapshotId, Store, StoreError, Stored, sidecar_name};
use std::collections::BTreeSet;

/// The snapshots of a listing, oldest first. Only names of the form `consul-<ID>.snap` count.
#[must_use]
pub fn snapshots(listing: &[Stored]) -> Vec<(SnapshotId, u64)> {
    let mut found: Vec<(SnapshotId, u64)> = listing
        .iter()
        .filter_map(|stored| Some((SnapshotId::of_file_name(&stored.name)?, stored.size)))
        .collect();
    found.sort_unstable();
    found
}

/// Removes the oldest snapshots until `retain` are left, and their sidecars; 0 keeps all, and asks
/// nothing of the store. A snapshot that is marked as shrunk is kept, and so is the one before it:
/// that may be the last good one. `newest` is what was stored just now; it stays even where its ID is
/// the smallest, as it may be when the clock was set back and nobody could say which ones there are.
/// Gives the IDs that are gone.
///
/// # Errors
/// What the store fails with; also when it can't be told whether a snapshot is marked, for then it
/// must stay.
pub async fn apply(
    store: &Store,
    retain: usize,
    newest: SnapshotId,
    lease: &Lease,
) -> Result<Vec<SnapshotId>, StoreError> {
    if retain == 0 {
        return Ok(Vec::new());
    }
    let ids: Vec<SnapshotId> =
        snapshots(&store.list().await?).into_iter().map(|(id, _)| id).collect();
    let surplus = ids.get(..ids.len().saturating_sub(retain)).unwrap_or_default();
    let mut kept = BTreeSet::from([newest]);
    // Whether one is to be kept, it or the one behind it says.
    for id in ids.iter().take(surplus.len() + 1).filter(|_| !surplus.is_empty()) {
        let Some(sidecar) = sidecar(store, *id).await? else { continue };
        if let Some(mark) = sidecar.shrunk {
            kept.insert(*id);
            kept.extend(mark.before_id());
        }
    }
    let mut removed = Vec::new();
    for id in surplus.iter().filter(|id| !kept.contains(id)) {
        let name = id.file_name();
        store.delete(&name, lease).await?;
        removed.push(*id);
        store.delete(&sidecar_name(&name), lease).await?;
    }
    Ok(removed)
}

/// What is known of a snapshot, if it has a sidecar.
async fn sidecar(store: &Store, id: SnapshotId) -> Result<Option<Sidecar>, StoreError> {
    let name = sidecar_name(&id.file_name());
    let Some(text) = store.get_small(&name).await? else { return Ok(None) };
    Sidecar::from_json(&text)
        .map(Some)
        .map_err(|e| StoreError::Options(format!("{}/{name} can't be read: {e}", store.name())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{DestinationSettings, Environment};
    use crate::sidecar::Shrunk;
    use std::fs;
    use std::path::Path;

    /// The ID a snapshot has that is the nth of a test.
    fn id(n: u64) -> SnapshotId {
        SnapshotId(1_800_000_000_000_000_000 + n)
    }

    fn sidecar(id: SnapshotId, shrunk: Option<Shrunk>) -> Vec<u8> {
        let sidecar = Sidecar {
            id: id.to_string(),
            time: "2026-11-23T00:00:00Z".into(),
            size: 1,
            sha256: String::new(),
            index: 1,
            term: 1,
            state_size: 1,
            records: 0,
            counts: [].into(),
            datacenter: None,
            consul_version: None,
            shrunk,
        };
        sidecar.to_json().unwrap()
    }

    fn names(dir: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Stores the nth, and what is beside it.
    fn put(dir: &Path, n: u64, shrunk: Option<Shrunk>) {
        fs::write(dir.join(id(n).file_name()), "x").unwrap();
        fs::write(dir.join(sidecar_name(&id(n).file_name())), sidecar(id(n), shrunk)).unwrap();
    }

    /// Applies retention after the nth was stored; gives those that are gone.
    fn apply_to(dir: &Path, retain: usize, newest: u64) -> Result<Vec<SnapshotId>, StoreError> {
        let settings = DestinationSettings::Local(dir.to_owned());
        let store = Store::open(&settings, &Environment::default()).unwrap();
        crate::block_on(apply(&store, retain, id(newest), &Lease::forever())).unwrap()
    }

    #[test]
    fn the_oldest_go_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let others = [
            "consul-1.snap",
            "consul-1.snap.bak",
            "consul-x.snap",
            "notes",
            "consul-01.snap",
            "consul-20261126.snap",
        ];
        for name in others {
            fs::write(dir.path().join(name), "x").unwrap();
        }
        for n in [5, 100, 20, 3] {
            put(dir.path(), n, None);
        }
        assert_eq!(apply_to(dir.path(), 0, 100).unwrap(), []);
        assert_eq!(apply_to(dir.path(), 2, 100).unwrap(), [id(3), id(5)]);
        let mut left: Vec<String> = others.map(str::to_owned).into();
        for n in [100, 20] {
            left.extend([id(n).file_name(), sidecar_name(&id(n).file_name())]);
        }
        left.sort();
        assert_eq!(names(dir.path()), left);
        assert_eq!(apply_to(dir.path(), 2, 100).unwrap(), []);
    }

    #[test]
    fn the_one_just_stored_stays_whatever_its_id() {
        let dir = tempfile::tempdir().unwrap();
        for n in [1, 7, 8, 9] {
            put(dir.path(), n, None);
        }
        assert_eq!(apply_to(dir.path(), 2, 1).unwrap(), [id(7)]);
    }

    #[test]
    fn what_stands_before_a_marked_one_stays() {
        let dir = tempfile::tempdir().unwrap();
        for n in 1..=6 {
            let mark = Shrunk { before: id(2).to_string(), before_size: 9, percent: 90 };
            put(dir.path(), n, (n == 3).then_some(mark));
        }
        assert_eq!(apply_to(dir.path(), 4, 6).unwrap(), [id(1)]);
        assert_eq!(apply_to(dir.path(), 1, 6).unwrap(), [id(4), id(5)]);
        let left = names(dir.path());
        assert!(left.contains(&id(2).file_name()) && left.contains(&id(3).file_name()));
    }

    #[test]
    fn what_can_t_be_told_stays() {
        let dir = tempfile::tempdir().unwrap();
        for n in 1..=3 {
            fs::write(dir.path().join(id(n).file_name()), "x").unwrap();
        }
        fs::write(dir.path().join(sidecar_name(&id(2).file_name())), "{").unwrap();
        assert!(apply_to(dir.path(), 1, 3).is_err());
        assert_eq!(names(dir.path()).len(), 4);
    }
}
