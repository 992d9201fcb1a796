//! Results of a comparison.

use crate::about::ClusterFacts;
use crate::compare::{Change, ObjectChange};
use crate::drivers::Problems;
use snapscope_archive::{Blocks, Closing, OpenError};
use snapscope_decode::Kind;
use snapscope_objects::kind::ObjectKind;
use snapscope_objects::row::Row;
use std::io;

/// An object that differs.
#[derive(Debug)]
pub struct Found<'f> {
    /// Its change.
    pub class: ObjectChange,
    /// The state before, with all its fields and secrets.
    pub before: Option<&'f Row>,
    /// The state after.
    pub after: Option<&'f Row>,
    /// The types of the records that hold the two states.
    pub records: [Option<Kind>; 2],
}

/// Number of differing objects of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// By [`Change`], in the order of [`Change::ALL`].
    pub changes: [u64; 5],
    /// Number of objects that could not be compared, because the other file is damaged where they
    /// would be.
    pub not_compared: u64,
}

impl Counts {
    /// The number of a class.
    #[must_use]
    pub fn of(&self, change: Change) -> u64 {
        Change::ALL.iter().position(|c| *c == change).map_or(0, |at| self.changes[at])
    }

    /// Number of differences: all except touched objects.
    #[must_use]
    pub fn differences(&self) -> u64 {
        Change::ALL.iter().filter(|c| **c != Change::Touched).map(|c| self.of(*c)).sum()
    }

    pub(super) fn add(&mut self, change: Change) {
        if let Some(at) = Change::ALL.iter().position(|c| *c == change) {
            self.changes[at] += 1;
        }
    }
}

/// What is known about one of the two snapshots.
#[derive(Debug)]
pub struct SideReport {
    /// What is known about the container.
    pub closing: Closing,
    /// Malformed records, among those that were read.
    pub problems: Problems,
    /// Facts about the cluster from records that the other side does not have.
    pub facts: ClusterFacts,
}

impl SideReport {
    /// Whether something is missing, changed or cannot be trusted.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.closing.is_damaged() || self.problems.count > 0
    }
}

/// The result of a comparison.
#[derive(Debug)]
pub struct DiffReport {
    /// Number of differing objects of each kind, in the order of the table of kinds, without kinds
    /// that have none.
    pub summary: Vec<(&'static ObjectKind, Counts)>,
    /// The first snapshot.
    pub before: SideReport,
    /// The second one.
    pub after: SideReport,
    /// Records that are not in the servers' order, by type; they were still matched.
    pub out_of_order: Vec<(&'static ObjectKind, u64)>,
    /// Maximum number of bytes held to match objects out of order.
    pub held: usize,
}

impl DiffReport {
    /// Number of differing objects, without touched ones.
    #[must_use]
    pub fn differences(&self) -> u64 {
        self.summary.iter().map(|(_, counts)| counts.differences()).sum()
    }

    /// Number of objects that could not be compared.
    #[must_use]
    pub fn not_compared(&self) -> u64 {
        self.summary.iter().map(|(_, counts)| counts.not_compared).sum()
    }
}

/// Why a comparison ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiffError {
    /// The receiver of differences failed.
    #[error(transparent)]
    Sink(#[from] io::Error),
    /// A file could not be read again to check its order.
    #[error("cannot read it again to check its order: {0}")]
    Reopen(#[from] OpenError),
}

/// Opens both files once more.
pub type Reopen<'r> = dyn Fn() -> Result<Option<(Blocks, Blocks)>, OpenError> + 'r;
