//! Finds out which snapshots of a store belong to another cluster.
//!
//! A sidecar has the datacenter and the cluster's ID. Two clusters that share a folder or prefix
//! must not count or remove each other's snapshots.

use super::intact::read_sidecar;
use super::inventory::Inventory;
use crate::sidecar::Sidecar;
use crate::store::{SnapshotId, Store};
use futures_util::future::join_all;
use snapscope_analyze::ClusterName;
use std::collections::{BTreeMap, BTreeSet};

/// Number of sidecars read in parallel.
const AT_ONCE: usize = 8;

/// The content of a store's sidecars.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Owners {
    clusters: BTreeMap<SnapshotId, ClusterName>,
    /// Snapshots whose size differs from the one in the sidecar.
    cut: BTreeSet<SnapshotId>,
    /// Snapshots whose sidecars cannot be read at the moment, and the first reason.
    unsure: BTreeSet<SnapshotId>,
    why: Option<String>,
}

/// Whether cluster `theirs` is another cluster than `ours`. Unknown parts, as in sidecars of older
/// versions, fit any cluster.
fn is_other(theirs: &ClusterName, ours: &ClusterName) -> bool {
    let differs =
        |theirs: &Option<String>, ours: &Option<String>| theirs.is_some() && theirs != ours;
    differs(&theirs.id, &ours.id)
        || (ours.datacenter.is_some() && differs(&theirs.datacenter, &ours.datacenter))
}

impl Owners {
    /// Reads the sidecars of all snapshots; those that were read before are remembered by the store.
    pub async fn find(store: &Store, inventory: &Inventory) -> Self {
        let all: Vec<(SnapshotId, u64)> = inventory.snapshots().collect();
        let mut owners = Self::default();
        let known = store.described(all.iter().map(|(id, _)| *id).collect());
        let mut missing = Vec::new();
        for (id, size) in all {
            match known.get(&id) {
                Some(sidecar) => owners.add(id, size, sidecar),
                None if inventory.has_sidecar(id) => missing.push((id, size)),
                None => {}
            }
        }
        for some in missing.chunks(AT_ONCE) {
            if owners.unsure.len() >= AT_ONCE {
                // The store is not available.
                owners.unsure.extend(some.iter().map(|(id, _)| *id));
                continue;
            }
            let read = some.iter().map(|(id, size)| async move {
                let read = read_sidecar(store, inventory, *id, &mut Vec::new()).await;
                (*id, *size, read)
            });
            for (id, size, read) in join_all(read).await {
                match read {
                    Ok(Some(sidecar)) => {
                        owners.add(id, size, &sidecar);
                        store.describe(id, sidecar);
                    }
                    // A sidecar that is damaged or permanently refused does not protect its
                    // snapshot.
                    Ok(None) => {}
                    Err(why) => {
                        owners.unsure.insert(id);
                        owners.why.get_or_insert(why);
                    }
                }
            }
        }
        owners
    }

    fn add(&mut self, id: SnapshotId, size: u64, sidecar: &Sidecar) {
        if sidecar.size != size {
            self.cut.insert(id);
        }
        self.clusters.insert(id, sidecar.cluster());
    }

    /// Whether a snapshot's size differs from the one in its sidecar.
    #[must_use]
    pub fn is_cut(&self, id: SnapshotId) -> bool {
        self.cut.contains(&id)
    }

    /// The inventory without snapshots of other clusters, and without those whose cluster is
    /// unknown at the moment.
    #[must_use]
    pub fn own(&self, inventory: &Inventory, ours: &ClusterName) -> Inventory {
        let is_theirs = |id: &SnapshotId| {
            self.unsure.contains(id) || self.clusters.get(id).is_some_and(|c| is_other(c, ours))
        };
        inventory.without(is_theirs)
    }

    /// The inventory by cluster. Snapshots with incomplete identities join the cluster that they
    /// fit, if only one does. Those whose cluster is unknown at the moment belong to none.
    #[must_use]
    pub fn by_cluster(&self, inventory: &Inventory) -> Vec<Inventory> {
        let known: BTreeSet<&ClusterName> = self.clusters.values().collect();
        let is_whole = |cluster: &&ClusterName| {
            !known.iter().any(|other| *other != *cluster && fits(cluster, other))
        };
        let wholes: Vec<&ClusterName> = known.iter().copied().filter(is_whole).collect();
        let nothing = ClusterName::default();
        let mut groups: BTreeMap<&ClusterName, BTreeSet<SnapshotId>> = BTreeMap::new();
        for (id, _) in inventory.snapshots().filter(|(id, _)| !self.unsure.contains(id)) {
            let cluster = self.clusters.get(&id).unwrap_or(&nothing);
            let mut fitting = wholes.iter().copied().filter(|whole| fits(cluster, whole));
            let group = match (fitting.next(), fitting.next()) {
                (Some(whole), None) => whole,
                _ => cluster,
            };
            groups.entry(group).or_default().insert(id);
        }
        groups.into_values().map(|ids| inventory.without(|id| !ids.contains(id))).collect()
    }

    /// Describes the snapshots of other clusters; `None` if there are none.
    #[must_use]
    pub fn others(&self, ours: &ClusterName) -> Option<String> {
        let theirs = self.clusters.values().filter(|cluster| is_other(cluster, ours));
        let count = theirs.clone().count();
        let names: BTreeSet<String> = theirs.map(name).collect();
        let names: Vec<String> = names.into_iter().collect();
        (count > 0).then(|| {
            format!(
                "{count} of the snapshots there are another cluster's ({}; this one is {}): they are \
                 neither counted nor removed; give each cluster a folder or prefix of its own",
                names.join(", "),
                name(ours)
            )
        })
    }

    /// The snapshots whose cluster is unknown at the moment, with the reason.
    pub fn unsure(&self) -> impl Iterator<Item = (SnapshotId, &str)> {
        let why = self.why.as_deref().unwrap_or_default();
        self.unsure.iter().map(move |id| (*id, why))
    }

    /// Why the cluster of some snapshots is unknown at the moment.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        let why = self.why.as_ref()?;
        let count = self.unsure.len();
        Some(format!("cannot find out which cluster {count} snapshots are of: {why}"))
    }
}

/// Whether `part` may be the same cluster as `whole`, whose identity is at least as complete.
fn fits(part: &ClusterName, whole: &ClusterName) -> bool {
    let fits = |part: &Option<String>, whole: &Option<String>| part.is_none() || part == whole;
    fits(&part.id, &whole.id) && fits(&part.datacenter, &whole.datacenter)
}

/// A cluster's name, for people.
fn name(cluster: &ClusterName) -> String {
    let unknown = || "unknown".to_owned();
    let datacenter = cluster.datacenter.clone().unwrap_or_else(unknown);
    let id = cluster.id.clone().unwrap_or_else(unknown);
    format!("datacenter {datacenter}, cluster ID {id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_parts_fit_any_cluster_but_no_id_is_not_that_one() {
        let cluster = |datacenter: &str, id: &str| {
            let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
            ClusterName { datacenter: text(datacenter), id: text(id) }
        };
        for (theirs, ours, expected) in [
            (("dc1", "a"), ("dc1", "a"), false),
            (("dc1", "a"), ("dc1", "b"), true),
            (("dc2", "a"), ("dc1", "a"), true),
            (("dc1", ""), ("dc1", "b"), false),
            (("", ""), ("dc1", "b"), false),
            (("dc1", "a"), ("dc1", ""), true),
            (("dc1", "a"), ("", "a"), false),
        ] {
            let (theirs, ours) = (cluster(theirs.0, theirs.1), cluster(ours.0, ours.1));
            assert_eq!(is_other(&theirs, &ours), expected, "{theirs:?} {ours:?}");
        }
    }
}
