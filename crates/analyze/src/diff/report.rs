//! What comes of a comparison.

use crate::about::ClusterFacts;
use crate::compare::{Change, Class};
use crate::drivers::Problems;
use snapscope_archive::{Blocks, Closing, OpenError};
use snapscope_objects::kind::ObjectKind;
use snapscope_objects::row::Row;
use std::io;

/// An object that differs.
#[derive(Debug)]
pub struct Found<'f> {
    /// What became of it.
    pub class: Class,
    /// How it was, with all its fields and secrets.
    pub before: Option<&'f Row>,
    /// How it is.
    pub after: Option<&'f Row>,
}

/// How many objects of a kind differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// By [`Change`], in the order of [`Change::ALL`].
    pub changes: [u64; 5],
    /// Those that could not be compared, because the other file is damaged where they would be.
    pub not_compared: u64,
}

impl Counts {
    /// How many of a class there are.
    #[must_use]
    pub fn of(&self, change: Change) -> u64 {
        Change::ALL.iter().position(|c| *c == change).map_or(0, |at| self.changes[at])
    }

    /// Those that count as differences: all but the touched ones.
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

/// What is known of one of the two snapshots.
#[derive(Debug)]
pub struct SideReport {
    /// What is known about the container.
    pub closing: Closing,
    /// Records that are not what they should be, as far as they were looked at.
    pub problems: Problems,
    /// What the records that the other side doesn't have say about the cluster.
    pub facts: ClusterFacts,
}

impl SideReport {
    /// Whether something is missing, changed or can't be trusted.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.closing.is_damaged() || self.problems.count > 0
    }
}

/// What came of a comparison.
#[derive(Debug)]
pub struct DiffReport {
    /// How many objects of each kind differ, in the order of [`compared_kinds`](snapscope_objects::kinds::compared_kinds); kinds without any
    /// aren't listed.
    pub summary: Vec<(&'static ObjectKind, Counts)>,
    /// The first snapshot.
    pub before: SideReport,
    /// The second one.
    pub after: SideReport,
    /// Records that stood elsewhere than servers put them, by type; they were found all the same.
    pub out_of_order: Vec<(&'static ObjectKind, u64)>,
    /// Bytes that were held at most, to find objects wherever they stand.
    pub held: usize,
}

impl DiffReport {
    /// Objects that differ, those only touched aside.
    #[must_use]
    pub fn differences(&self) -> u64 {
        self.summary.iter().map(|(_, counts)| counts.differences()).sum()
    }

    /// Objects that could not be compared.
    #[must_use]
    pub fn not_compared(&self) -> u64 {
        self.summary.iter().map(|(_, counts)| counts.not_compared).sum()
    }
}

/// Why a comparison ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiffError {
    /// What takes the differences failed.
    #[error(transparent)]
    Sink(#[from] io::Error),
    /// A file could not be read again to check its order.
    #[error("to check its order: {0}")]
    Reopen(#[from] OpenError),
}

/// Opens both files once more.
pub type Reopen<'r> = dyn Fn() -> Result<Option<(Blocks, Blocks)>, OpenError> + 'r;
