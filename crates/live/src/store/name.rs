//! Names of stored snapshots.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// When a snapshot was taken, in nanoseconds since 1970: what tells it from the others, and orders
/// them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SnapshotId(pub u64);

impl SnapshotId {
    /// An ID for a snapshot taken now. It is above `last` even where the clock was set back, so
    /// that the order of IDs stays the order in which snapshots were taken.
    #[must_use]
    pub fn now_after(last: Option<Self>) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
        let now = u64::try_from(now.as_nanos()).unwrap_or(u64::MAX);
        Self(last.map_or(now, |last| now.max(last.0.saturating_add(1))))
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
        // Written so by nobody: a sign, leading zeros.
        let is_plain = digits.bytes().all(|b| b.is_ascii_digit())
            && !(digits.len() > 1 && digits.starts_with('0'));
        is_plain.then(|| digits.parse().ok().map(Self)).flatten()
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
        assert_eq!(SnapshotId::of_file_name("consul-17.snap"), Some(SnapshotId(17)));
        for other in [
            "consul-.snap",
            "consul-017.snap",
            "consul-+17.snap",
            "consul-17.snap.json",
            "xconsul-17.snap",
            "consul-17.snap.part",
            "consul-99999999999999999999.snap",
            "consul-1 7.snap",
        ] {
            assert_eq!(SnapshotId::of_file_name(other), None, "{other}");
        }
        let id = SnapshotId::now_after(None);
        assert_eq!(SnapshotId::of_file_name(&id.file_name()), Some(id));
    }

    #[test]
    fn ids_grow_whatever_the_clock_does() {
        let far = SnapshotId(u64::MAX - 10);
        assert_eq!(SnapshotId::now_after(Some(far)), SnapshotId(u64::MAX - 9));
        assert!(SnapshotId::now_after(Some(SnapshotId(5))) > SnapshotId(1_700_000_000_000_000_000));
    }
}
