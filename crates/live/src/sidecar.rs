//! The sidecar: a file beside each stored snapshot that describes it, so that a listing needs no
//! download.

use crate::store::SnapshotId;
use serde::{Deserialize, Serialize};
use snapscope_analyze::ClusterName;
use std::collections::BTreeMap;

/// Facts about a stored snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sidecar {
    /// The snapshot's ID, as text, because it has more digits than a JSON number can have.
    pub id: String,
    /// When it was taken, RFC 3339.
    pub time: String,
    /// Size of the file.
    pub size: u64,
    /// SHA-256 of the file, in hex.
    pub sha256: String,
    /// Raft index of the state.
    pub index: u64,
    /// Raft term.
    pub term: u64,
    /// Size of the state.
    pub state_size: u64,
    /// Total number of records.
    pub records: u64,
    /// Records of each type.
    pub counts: BTreeMap<String, u64>,
    /// Its datacenter, if the state contains it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub datacenter: Option<String>,
    /// The cluster's ID, part of its trust domain, if the state contains it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<String>,
    /// The newest version among the servers, if the state contains it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consul_version: Option<String>,
    /// Set if it is much smaller than the previous one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shrunk: Option<Shrunk>,
}

/// The mark of a snapshot that is much smaller than the previous one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shrunk {
    /// The ID of the one before.
    pub before: String,
    /// Size of that one.
    pub before_size: u64,
    /// By how many percent this one is smaller.
    pub percent: u8,
}

impl Shrunk {
    /// The mark for a snapshot of `size` bytes after one of `before_size`; `None` if it is not
    /// smaller by more than `limit` percent.
    #[must_use]
    pub fn judge(size: u64, before: SnapshotId, before_size: u64, limit: u8) -> Option<Self> {
        let lost = u128::from(before_size.checked_sub(size)?) * 100;
        if lost <= u128::from(before_size) * u128::from(limit) {
            return None;
        }
        let percent = u8::try_from(lost / u128::from(before_size)).unwrap_or(100);
        Some(Self { before: before.to_string(), before_size, percent })
    }

    /// The ID of the one before.
    #[must_use]
    pub fn before_id(&self) -> Option<SnapshotId> {
        self.before.parse().ok().map(SnapshotId)
    }
}

impl Sidecar {
    /// The cluster it is of, as far as it says.
    #[must_use]
    pub fn cluster(&self) -> ClusterName {
        ClusterName { datacenter: self.datacenter.clone(), id: self.cluster_id.clone() }
    }

    /// Serialises it to JSON.
    ///
    /// # Errors
    /// Never for this content, which the encoder cannot know.
    pub fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut text = serde_json::to_vec_pretty(self)?;
        text.push(b'\n');
        Ok(text)
    }

    /// Parses it.
    ///
    /// # Errors
    /// If it is not such JSON.
    pub fn from_json(text: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_for_more_than_the_limit() {
        let judge = |size| Shrunk::judge(size, SnapshotId(7), 1000, 50);
        assert_eq!(judge(500), None);
        assert_eq!(judge(2000), None);
        assert_eq!(judge(499).map(|mark| mark.percent), Some(50));
        let mark = judge(0).unwrap();
        assert_eq!((mark.percent, mark.before_id()), (100, Some(SnapshotId(7))));
        assert_eq!(Shrunk::judge(0, SnapshotId(1), 0, 50), None);
    }
}
