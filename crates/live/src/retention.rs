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

/// Those of `ids` (oldest first) that are more than `retain`; 0 keeps all.
fn surplus(ids: &[SnapshotId], retain: usize) -> &[SnapshotId] {
    let count = if retain == 0 { 0 } else { ids.len().saturating_sub(retain) };
    ids.get(..count).unwrap_or_default()
}

/// Removes the oldest snapshots until `retain` are left, and their sidecars. A snapshot that is
/// marked as shrunk is kept, and so is the one before it: that may be the last good one. Gives the
/// IDs that are gone.
///
/// # Errors
/// What the store fails with; also when it can't be told whether a snapshot is marked, for then it
/// must stay.
pub async fn apply(
    store: &Store,
    retain: usize,
    lease: &Lease,
) -> Result<Vec<SnapshotId>, StoreError> {
    let ids: Vec<SnapshotId> =
        snapshots(&store.list().await?).into_iter().map(|(id, _)| id).collect();
    let surplus = surplus(&ids, retain);
    let mut kept = BTreeSet::new();
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

    fn sidecar(id: u64, shrunk: Option<Shrunk>) -> Vec<u8> {
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

    fn apply_to(dir: &Path, retain: usize) -> Result<Vec<SnapshotId>, StoreError> {
        let settings = DestinationSettings::Local(dir.to_owned());
        let store = Store::open(&settings, &Environment::default()).unwrap();
        crate::block_on(apply(&store, retain, &Lease::forever())).unwrap()
    }

    #[test]
    fn the_oldest_go_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let others = ["consul-1.snap.bak", "consul-x.snap", "notes", "consul-01.snap"];
        for name in others {
            fs::write(dir.path().join(name), "x").unwrap();
        }
        for id in [5, 100, 20, 3] {
            fs::write(dir.path().join(format!("consul-{id}.snap")), "x").unwrap();
            fs::write(dir.path().join(format!("consul-{id}.snap.json")), sidecar(id, None))
                .unwrap();
        }
        assert_eq!(apply_to(dir.path(), 0).unwrap(), []);
        assert_eq!(apply_to(dir.path(), 2).unwrap(), [SnapshotId(3), SnapshotId(5)]);
        let mut left: Vec<String> = others.map(str::to_owned).into();
        for id in [100, 20] {
            left.extend([format!("consul-{id}.snap"), format!("consul-{id}.snap.json")]);
        }
        left.sort();
        assert_eq!(names(dir.path()), left);
        assert_eq!(apply_to(dir.path(), 2).unwrap(), []);
    }

    #[test]
    fn what_stands_before_a_marked_one_stays() {
        let dir = tempfile::tempdir().unwrap();
        for id in 1..=6 {
            let mark = Shrunk { before: "2".into(), before_size: 9, percent: 90 };
            fs::write(dir.path().join(format!("consul-{id}.snap")), "x").unwrap();
            let text = sidecar(id, (id == 3).then_some(mark));
            fs::write(dir.path().join(format!("consul-{id}.snap.json")), text).unwrap();
        }
        assert_eq!(apply_to(dir.path(), 4).unwrap(), [SnapshotId(1)]);
        assert_eq!(apply_to(dir.path(), 1).unwrap(), [SnapshotId(4), SnapshotId(5)]);
        let left = names(dir.path());
        assert!(left.contains(&"consul-2.snap".into()) && left.contains(&"consul-3.snap".into()));
    }

    #[test]
    fn what_can_t_be_told_stays() {
        let dir = tempfile::tempdir().unwrap();
        for id in 1..=3 {
            fs::write(dir.path().join(format!("consul-{id}.snap")), "x").unwrap();
        }
        fs::write(dir.path().join("consul-2.snap.json"), "{").unwrap();
        assert!(apply_to(dir.path(), 1).is_err());
        assert_eq!(names(dir.path()).len(), 4);
    }
}
