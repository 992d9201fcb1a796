//! Decides which stored snapshots to remove, and removes them.
//!
//! [`Policy`] decides which times are kept. A snapshot that is marked as shrunk is kept in
//! addition, and so is the one before it, which may be the last good one.

mod intact;
mod inventory;
#[cfg(test)]
mod model;
mod owners;
mod policy;
mod remove;

pub use intact::Intact;
pub use inventory::Inventory;
pub use owners::Owners;
pub use policy::{Policy, Reason, Within};
pub use remove::{Outcome, Review, Rules, Verdict, apply};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{DestinationSettings, Environment};
    use crate::sidecar::{Shrunk, Sidecar};
    use crate::store::{Lease, SnapshotId, Store, sidecar_name};
    use jiff::Timestamp;
    use std::fs;
    use std::path::Path;

    /// The ID of the nth snapshot of a test.
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
            cluster_id: None,
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

    fn mark(before: u64) -> Option<Shrunk> {
        Some(Shrunk { before: id(before).to_string(), before_size: 9, percent: 90 })
    }

    /// Applies retention, after the nth was stored if one was.
    fn outcome(dir: &Path, retain: usize, newest: Option<u64>, shrink: Option<u8>) -> Outcome {
        let settings = DestinationSettings::Local(dir.to_owned());
        let store = Store::open(&settings, &Environment::default()).unwrap();
        let policy = Policy::newest(retain);
        let work = async {
            let inventory = Inventory::of(&store.list().await.unwrap());
            let intact = match newest {
                Some(newest) => Intact::stored(id(newest)),
                None => Intact::find(&store, &inventory).await,
            };
            let (policy, now) = (&policy, Timestamp::MAX);
            let rules = Rules { policy, intact: &intact, alert_shrink: shrink, now };
            apply(&store, &inventory, rules, &Lease::forever()).await
        };
        crate::block_on(work).unwrap()
    }

    fn apply_to(dir: &Path, retain: usize, newest: u64) -> Vec<SnapshotId> {
        let outcome = outcome(dir, retain, Some(newest), None);
        assert_eq!(outcome.troubles, [""; 0]);
        outcome.removed
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
            "consul-20261126.snap.json",
        ];
        for name in others {
            fs::write(dir.path().join(name), "x").unwrap();
        }
        for n in [5, 100, 20, 3] {
            put(dir.path(), n, None);
        }
        // A file that has lost its snapshot goes, one that waits for it stays.
        for n in [4, 101] {
            fs::write(dir.path().join(sidecar_name(&id(n).file_name())), "{}").unwrap();
        }
        assert_eq!(apply_to(dir.path(), 0, 100), []);
        assert_eq!(apply_to(dir.path(), 2, 100), [id(3), id(5)]);
        let mut left: Vec<String> = others.map(str::to_owned).into();
        for n in [100, 20] {
            left.extend([id(n).file_name(), sidecar_name(&id(n).file_name())]);
        }
        left.push(sidecar_name(&id(101).file_name()));
        left.sort();
        assert_eq!(names(dir.path()), left);
        assert_eq!(apply_to(dir.path(), 2, 100), []);
    }

    #[test]
    fn the_one_just_stored_stays_whatever_its_id() {
        let dir = tempfile::tempdir().unwrap();
        for n in [1, 7, 8, 9] {
            put(dir.path(), n, None);
        }
        assert_eq!(apply_to(dir.path(), 2, 1), [id(7)]);
    }

    #[test]
    fn what_stands_before_a_marked_one_stays() {
        let dir = tempfile::tempdir().unwrap();
        for n in 1..=6 {
            put(dir.path(), n, mark(2).filter(|_| n == 3));
        }
        assert_eq!(apply_to(dir.path(), 4, 6), [id(1)]);
        assert_eq!(apply_to(dir.path(), 1, 6), [id(4), id(5)]);
        let left = names(dir.path());
        assert!(left.contains(&id(2).file_name()) && left.contains(&id(3).file_name()));
    }

    /// A file that says nothing keeps nothing for ever, but sizes still tell.
    #[test]
    fn a_damaged_file_beside_one_keeps_it_only_if_its_size_does() {
        let dir = tempfile::tempdir().unwrap();
        for n in 1..=6 {
            fs::write(dir.path().join(id(n).file_name()), "x".repeat(100)).unwrap();
        }
        for (n, text) in [(2, "{"), (3, ""), (4, "null")] {
            fs::write(dir.path().join(sidecar_name(&id(n).file_name())), text).unwrap();
        }
        fs::write(dir.path().join(id(3).file_name()), "x").unwrap();
        let outcome = outcome(dir.path(), 1, Some(6), Some(50));
        assert_eq!(outcome.removed, [id(1), id(4), id(5)]);
        assert!(outcome.notes.iter().any(|note| note.contains("is damaged")), "{outcome:?}");
    }

    /// One that cannot be removed does not protect others; here a folder has its name.
    #[test]
    fn each_for_itself() {
        let dir = tempfile::tempdir().unwrap();
        for n in 1..=5 {
            put(dir.path(), n, None);
        }
        let beside = dir.path().join(sidecar_name(&id(2).file_name()));
        fs::remove_file(&beside).unwrap();
        fs::create_dir(&beside).unwrap();
        let outcome = outcome(dir.path(), 1, Some(5), None);
        assert_eq!(outcome.removed, [id(1), id(2), id(3), id(4)]);
    }

    /// If nothing was stored just now, the newest intact snapshot stays.
    #[test]
    fn the_newest_whole_one_is_never_removed() {
        let dir = tempfile::tempdir().unwrap();
        for n in 1..=5 {
            put(dir.path(), n, None);
        }
        // Cut, and empty.
        fs::write(dir.path().join(id(4).file_name()), "xx").unwrap();
        fs::write(dir.path().join(id(5).file_name()), "").unwrap();
        let removed = outcome(dir.path(), 1, None, None).removed;
        assert_eq!(removed, [id(1), id(2)]);
    }

    /// Where none is known to be intact every one may be the best there is.
    #[test]
    fn nothing_goes_where_nothing_is_intact() {
        let dir = tempfile::tempdir().unwrap();
        for n in 1..=6 {
            fs::write(dir.path().join(id(n).file_name()), "not a snapshot").unwrap();
        }
        let outcome = outcome(dir.path(), 1, None, None);
        assert_eq!(outcome.removed, []);
        assert!(
            outcome.notes.iter().any(|note| note.contains("so none is removed")),
            "{outcome:?}"
        );
    }

    #[test]
    fn a_listing_may_say_things_twice_and_in_any_order() {
        let stored = |n: u64| crate::store::Stored {
            name: id(n).file_name(),
            size: 1,
            modified: std::time::SystemTime::UNIX_EPOCH,
        };
        let once = Inventory::of(&[stored(1), stored(2), stored(3)]);
        assert_eq!(Inventory::of(&[stored(3), stored(1), stored(3), stored(2), stored(1)]), once);
        let cut = Inventory::of(&[stored(1), stored(3)]);
        assert_eq!((cut.lacks_of(&once), once.lacks_of(&cut)), (Some(id(2)), None));
    }
}
