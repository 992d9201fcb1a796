//! Sorts the answers of many snapshots.

use super::find::Named;
use super::read::Answer;
use crate::drivers::{Outcome, Problems};
use crate::identity::ClusterName;
use snapscope_archive::{Closing, OpenError};
use std::collections::BTreeMap;

/// A snapshot of a series, and its answer.
#[derive(Debug, Clone)]
pub struct Snapshot<T> {
    /// Its name: its path.
    pub name: String,
    /// Its position among the given names, from 0.
    pub at: usize,
    /// The raft index of its state: from `meta.json`, or from the header of `state.bin` if there is
    /// none.
    pub index: u64,
    /// When it was taken, in milliseconds since 1970: the last part of its ID. A bare `state.bin`
    /// has none.
    pub taken_ms: Option<i64>,
    /// What is known about its container.
    pub closing: Closing,
    /// Its malformed records.
    pub problems: Problems,
    /// The answer.
    pub out: T,
}

impl<T> Snapshot<T> {
    /// Whether something in it is missing, changed or cannot be trusted.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.closing.is_damaged() || self.problems.count > 0
    }

    /// SHA-256 of its `state.bin`, in hex.
    #[must_use]
    pub fn sha256(&self) -> Option<&str> {
        let state = self.closing.integrity.members.iter().find(|m| m.name == "state.bin");
        state.map(|member| member.sha256.as_str())
    }
}

/// The snapshots of one cluster, sorted by raft index, then by time, then by name.
#[derive(Debug, Clone)]
pub struct Cluster<T> {
    /// The cluster.
    pub name: ClusterName,
    /// Its snapshots.
    pub snapshots: Vec<Snapshot<T>>,
}

/// A snapshot with the same content as another one of its cluster and index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// Its name.
    pub name: String,
    /// Name of the one that was kept.
    pub of: String,
}

/// A snapshot without an answer.
#[derive(Debug)]
pub enum Unreadable {
    /// The system refuses to read it.
    Refused {
        /// Its name.
        name: String,
        /// Why.
        error: OpenError,
    },
    /// It is so damaged that its position in the series is unknown.
    Damaged {
        /// Its name.
        name: String,
        /// Its position among the given names.
        at: usize,
        /// What is wrong with it.
        closing: Box<Closing>,
    },
}

/// The answers of many snapshots.
#[derive(Debug)]
pub struct Series<T> {
    /// Each cluster, by datacenter and ID.
    pub clusters: Vec<Cluster<T>>,
    /// Duplicates, by name.
    pub duplicates: Vec<Duplicate>,
    /// Snapshots without an answer, in the given order.
    pub unreadable: Vec<Unreadable>,
    /// Files in folders that are not snapshots, by name.
    pub passed_over: Vec<String>,
}

impl<T> Series<T> {
    /// Sorts the answers to `named`.
    #[must_use]
    pub fn new(named: &[Named], answers: Vec<Answer<T>>) -> Self {
        let mut snapshots = Vec::new();
        let (mut unreadable, mut passed_over) = (Vec::new(), Vec::new());
        for (at, (named, answer)) in named.iter().zip(answers).enumerate() {
            let name = named.source.name();
            let Outcome { out: (cluster, out), closing, problems } = match answer {
                Ok(outcome) => outcome,
                Err(error) => {
                    unreadable.push(Unreadable::Refused { name, error });
                    continue;
                }
            };
            let last = closing.header.as_ref().and_then(|header| header.last_index);
            let index = closing.meta.as_ref().map(|meta| meta.index).or(last);
            match index {
                Some(index) if closing.header.is_some() => {
                    let taken_ms = closing.meta.as_ref().and_then(|meta| meta.taken_ms());
                    let snapshot = Snapshot { name, at, index, taken_ms, closing, problems, out };
                    snapshots.push((cluster, snapshot));
                }
                // Nothing in it shows that it was one.
                None if named.in_folder && closing.header.is_none() => passed_over.push(name),
                _ => unreadable.push(Unreadable::Damaged { name, at, closing: closing.into() }),
            }
        }
        let mut duplicates = Vec::new();
        let clusters = by_cluster(snapshots)
            .into_iter()
            .map(|(name, mut snapshots)| {
                snapshots.sort_by(|a, b| order(a).cmp(&order(b)));
                Cluster { name, snapshots: set_aside(snapshots, &mut duplicates) }
            })
            .collect();
        duplicates.sort_by(|a, b| a.name.cmp(&b.name));
        passed_over.sort();
        Self { clusters, duplicates, unreadable, passed_over }
    }
}

impl<T, E> Series<Result<T, E>> {
    /// The same with all answers, if every snapshot has one.
    ///
    /// # Errors
    /// The error of the first snapshot without an answer.
    pub fn transposed(self) -> Result<Series<T>, E> {
        let Self { clusters, duplicates, unreadable, passed_over } = self;
        let snapshot = |snapshot: Snapshot<Result<T, E>>| {
            let Snapshot { name, at, index, taken_ms, closing, problems, out } = snapshot;
            Ok(Snapshot { name, at, index, taken_ms, closing, problems, out: out? })
        };
        let cluster = |cluster: Cluster<Result<T, E>>| {
            let Cluster { name, snapshots } = cluster;
            let snapshots = snapshots.into_iter().map(snapshot).collect::<Result<_, E>>()?;
            Ok(Cluster { name, snapshots })
        };
        let clusters = clusters.into_iter().map(cluster).collect::<Result<_, E>>()?;
        Ok(Series { clusters, duplicates, unreadable, passed_over })
    }
}

fn order<T>(snapshot: &Snapshot<T>) -> (u64, Option<i64>, &str, usize) {
    (snapshot.index, snapshot.taken_ms, &snapshot.name, snapshot.at)
}

/// Sorts snapshots by cluster. One without its cluster's full name (truncated, or taken before
/// there was a CA) is assigned to its cluster if only one is possible.
#[must_use]
pub fn by_cluster<T>(
    snapshots: impl IntoIterator<Item = (ClusterName, T)>,
) -> BTreeMap<ClusterName, Vec<T>> {
    let mut by_name: BTreeMap<ClusterName, Vec<T>> = BTreeMap::new();
    for (cluster, snapshot) in snapshots {
        by_name.entry(cluster).or_default().push(snapshot);
    }
    let names: Vec<ClusterName> = by_name.keys().cloned().collect();
    let fits = |part: &ClusterName, whole: &ClusterName| {
        part != whole
            && (part.id.is_none() || part.id == whole.id)
            && (part.datacenter.is_none() || part.datacenter == whole.datacenter)
    };
    for part in names.iter().filter(|name| name.id.is_none() || name.datacenter.is_none()) {
        // Matching partial names are assigned to the same cluster.
        let mut wholes = names
            .iter()
            .filter(|whole| fits(part, whole) && !names.iter().any(|other| fits(whole, other)));
        if let (Some(whole), None) = (wholes.next(), wholes.next())
            && let Some(snapshots) = by_name.remove(part)
        {
            by_name.entry(whole.clone()).or_default().extend(snapshots);
        }
    }
    by_name
}

/// Keeps the first of those with the same index and content.
fn set_aside<T>(snapshots: Vec<Snapshot<T>>, duplicates: &mut Vec<Duplicate>) -> Vec<Snapshot<T>> {
    let mut kept: Vec<Snapshot<T>> = Vec::new();
    // A bare state.bin has only a lower bound of its index, so its content decides.
    let (with_meta, bare): (Vec<_>, Vec<_>) =
        snapshots.into_iter().partition(|snapshot| snapshot.closing.meta.is_some());
    for snapshot in with_meta.into_iter().chain(bare) {
        let same = |other: &&Snapshot<T>| {
            let has_meta = snapshot.closing.meta.is_some() && other.closing.meta.is_some();
            (other.index == snapshot.index || !has_meta)
                && !other.is_damaged()
                && !snapshot.is_damaged()
                && other.sha256().is_some()
                && other.sha256() == snapshot.sha256()
        };
        match kept.iter().find(same) {
            Some(other) => {
                duplicates.push(Duplicate { name: snapshot.name, of: other.name.clone() });
            }
            None => kept.push(snapshot),
        }
    }
    kept.sort_by(|a, b| order(a).cmp(&order(b)));
    kept
}
