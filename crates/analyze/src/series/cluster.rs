//! Answers of many snapshots, put in order.

use super::find::Named;
use super::read::Answer;
use crate::drivers::{Outcome, Problems};
use crate::identity::ClusterName;
use snapscope_archive::{Closing, OpenError};
use std::collections::BTreeMap;

/// A snapshot of a series, and its answer.
#[derive(Debug, Clone)]
pub struct Snapshot<T> {
    /// What to call it: its path.
    pub name: String,
    /// Its place among the names that were given, the first being 0.
    pub at: usize,
    /// The raft index up to which its state goes: that of `meta.json`, or what the header of
    /// `state.bin` says if there is none.
    pub index: u64,
    /// When it was taken, in milliseconds since 1970: the end of its ID. A bare `state.bin` doesn't
    /// say.
    pub taken_ms: Option<i64>,
    /// What is known of its container.
    pub closing: Closing,
    /// Records in it that are not what they should be.
    pub problems: Problems,
    /// The answer.
    pub out: T,
}

impl<T> Snapshot<T> {
    /// Whether something in it is missing, changed or can't be trusted.
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

/// The snapshots of one cluster, by raft index, then by when they were taken, then by name.
#[derive(Debug, Clone)]
pub struct Cluster<T> {
    /// Which cluster.
    pub name: ClusterName,
    /// Its snapshots.
    pub snapshots: Vec<Snapshot<T>>,
}

/// A snapshot with the same content as another one of its cluster and index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// What it is called.
    pub name: String,
    /// What the one that was kept is called.
    pub of: String,
}

/// A snapshot that gave no answer.
#[derive(Debug)]
pub enum Unreadable {
    /// The system refuses to have it read.
    Refused {
        /// What it is called.
        name: String,
        /// Why.
        error: OpenError,
    },
    /// It is so damaged that its place among the others is not known.
    Damaged {
        /// What it is called.
        name: String,
        /// Its place among the names that were given.
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
    /// Snapshots that say nothing that another doesn't say, by name.
    pub duplicates: Vec<Duplicate>,
    /// Snapshots that say nothing, in the order they were named.
    pub unreadable: Vec<Unreadable>,
    /// Files in folders that are no snapshots, by name.
    pub passed_over: Vec<String>,
}

impl<T> Series<T> {
    /// Puts the answers to `named` in order.
    #[must_use]
    pub fn new(named: &[Named], answers: Vec<Answer<T>>) -> Self {
        let mut by_name: BTreeMap<ClusterName, Vec<Snapshot<T>>> = BTreeMap::new();
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
                    by_name.entry(cluster).or_default().push(snapshot);
                }
                // Nothing in it tells that it was one.
                None if named.in_folder && closing.header.is_none() => passed_over.push(name),
                _ => unreadable.push(Unreadable::Damaged { name, at, closing: closing.into() }),
            }
        }
        adopt(&mut by_name);
        let mut duplicates = Vec::new();
        let clusters = by_name
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
    /// The same with all answers, if there is one everywhere.
    ///
    /// # Errors
    /// That of the first snapshot that has one instead of an answer.
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

/// A snapshot that doesn't say all of its cluster's name (it is cut off, or taken before there was
/// a CA) is taken for one of the only cluster it can be of.
fn adopt<T>(by_name: &mut BTreeMap<ClusterName, Vec<Snapshot<T>>>) {
    let names: Vec<ClusterName> = by_name.keys().cloned().collect();
    let fits = |part: &ClusterName, whole: &ClusterName| {
        part != whole
            && (part.id.is_none() || part.id == whole.id)
            && (part.datacenter.is_none() || part.datacenter == whole.datacenter)
    };
    for part in names.iter().filter(|name| name.id.is_none() || name.datacenter.is_none()) {
        // Those that fit but are parts themselves are adopted by the same one.
        let mut wholes = names
            .iter()
            .filter(|whole| fits(part, whole) && !names.iter().any(|other| fits(whole, other)));
        if let (Some(whole), None) = (wholes.next(), wholes.next())
            && let Some(snapshots) = by_name.remove(part)
        {
            by_name.entry(whole.clone()).or_default().extend(snapshots);
        }
    }
}

/// Leaves the first of those that have the same index and content.
fn set_aside<T>(snapshots: Vec<Snapshot<T>>, duplicates: &mut Vec<Duplicate>) -> Vec<Snapshot<T>> {
    let mut kept: Vec<Snapshot<T>> = Vec::new();
    // A bare state.bin knows only a lower bound of its index, so its content has to do.
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
