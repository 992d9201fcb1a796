//! Names of stored snapshots.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// When a snapshot was taken, in nanoseconds since 1970. It identifies and orders snapshots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapshotId(pub u64);

/// September 2001, since when such times have 19 digits. A smaller number in a name is a date, a
/// raft index or a counter: another program's name, not our oldest one.
const FIRST: u64 = 1_000_000_000_000_000_000;

impl SnapshotId {
    /// Returns an ID for a snapshot taken now. It is above `last` even if the clock was set back,
    /// so that IDs keep the order of snapshots. `None` if nothing can be above `last`.
    #[must_use]
    pub fn now_after(last: Option<Self>) -> Option<Self> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX).max(FIRST);
        match last {
            None => Some(Self(now)),
            Some(last) => Some(Self(now.max(last.0.checked_add(1)?))),
        }
    }

    /// The name of its snapshot.
    #[must_use]
    pub fn file_name(self) -> String {
        format!("consul-{}.snap", self.0)
    }

    /// The ID in a name of the form `consul-<ID>.snap`; nothing else has one.
    #[must_use]
    pub fn of_file_name(name: &str) -> Option<Self> {
        let digits = name.strip_prefix("consul-")?.strip_suffix(".snap")?;
        // Signs and leading zeros are never written.
        let is_plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0');
        let id = digits.parse().ok().filter(|id| *id >= FIRST && is_plain)?;
        Some(Self(id))
    }
}

impl std::fmt::Display for SnapshotId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The name of the file that describes a snapshot.
#[must_use]
pub fn sidecar_name(snapshot: &str) -> String {
    format!("{snapshot}.json")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_have_an_id() {
        let id = SnapshotId(1_795_462_039_661_202_458);
        assert_eq!(SnapshotId::of_file_name("consul-1795462039661202458.snap"), Some(id));
        for other in [
            "consul-.snap",
            "consul-01795462039661202458.snap",
            "consul-+1795462039661202458.snap",
            "consul-1795462039661202458.snap.json",
            "xconsul-1795462039661202458.snap",
            "consul-1795462039661202458.snap.part",
            "consul-99999999999999999999.snap",
            "consul-179546203966120245 8.snap",
            // Names from `save` for an unknown datacenter, by raft index; dates.
            "consul-17.snap",
            "consul-20261126.snap",
            "consul-20261126153519.snap",
            "consul-1795462039.snap",
        ] {
            assert_eq!(SnapshotId::of_file_name(other), None, "{other}");
        }
        let id = SnapshotId::now_after(None).unwrap();
        assert_eq!(SnapshotId::of_file_name(&id.file_name()), Some(id));
    }

    #[test]
    fn ids_grow_whatever_the_clock_does() {
        let far = SnapshotId(u64::MAX - 1);
        assert_eq!(SnapshotId::now_after(Some(far)), Some(SnapshotId(u64::MAX)));
        assert_eq!(SnapshotId::now_after(Some(SnapshotId(u64::MAX))), None);
        assert!(SnapshotId::now_after(Some(SnapshotId(5))).unwrap().0 > 1_700_000_000_000_000_000);
    }
}
