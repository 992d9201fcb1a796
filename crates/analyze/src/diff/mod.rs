//! Compares two snapshots in one pass over both, side by side.
//!
//! Servers write records in one order, so both files are read in step. Records with equal bytes are
//! skipped; for others the keys determine which side advances. The order is a fact about servers,
//! not a guarantee: an object without a counterpart in its place is held, and matched wherever the
//! other state occurs (`held`). When too much is held, both files are read once more to check their
//! order (`order`); then objects in order need not wait, and the others are sorted on disk and
//! paired at the end (`spilled`).

mod held;
mod merge;
mod order;
mod parts;
mod side;
mod spilled;

pub use order::{Order, check_order};
pub(crate) use parts::section;

use crate::about::ClusterFacts;
use crate::compare::{Change, Class, Comparer};
use crate::drivers::Problems;
use snapscope_archive::{Blocks, Closing, OpenError};
use snapscope_objects::filter::Filter;
use snapscope_objects::kinds::{BARE_KINDS, KINDS, ObjectKind};
use snapscope_objects::row::Row;
use snapscope_runs::Room;
use std::io;

/// Which objects to compare, and how.
#[derive(Debug)]
pub struct DiffOptions {
    /// The kinds to compare, each with a filter that must match before or after.
    pub kinds: Vec<(&'static ObjectKind, Option<Filter>)>,
    /// Only objects whose ID starts with this.
    pub prefix: Option<Vec<u8>>,
    /// Whether to pass on objects of which only bookkeeping differs.
    pub with_touched: bool,
    /// Whether each side is read by its own thread.
    pub threads: bool,
    /// Maximum size of held objects before the order of both files is checked. Objects that still
    /// have to wait then go to disk.
    pub hold: usize,
    /// The part of them that may be in memory.
    pub room: Room,
}

impl DiffOptions {
    /// See [`DiffOptions::hold`]: two percent of a gigabyte, and little compared with inflating.
    pub const HOLD: usize = 24 << 20;

    /// Compares everything that users and operators created, without touched objects.
    #[must_use]
    pub fn new() -> Self {
        Self {
            kinds: compared_kinds().filter(|k| !is_bookkeeping(k)).map(|k| (k, None)).collect(),
            prefix: None,
            with_touched: false,
            threads: true,
            hold: Self::HOLD,
            room: Room::default(),
        }
    }
}

impl Default for DiffOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// All object kinds that can be compared, in the order of summaries.
pub fn compared_kinds() -> impl Iterator<Item = &'static ObjectKind> {
    KINDS.iter().chain(BARE_KINDS).filter(|kind| kind.object.is_some()).copied()
}

/// Whether objects of a kind are pure bookkeeping: tombstones, and indexes of tables. They are
/// compared only on request.
#[must_use]
pub fn is_bookkeeping(kind: &ObjectKind) -> bool {
    matches!(kind.object, Some("tombstone" | "index"))
}

/// An object that differs.
#[derive(Debug)]
pub struct Found<'f> {
    /// Its change.
    pub class: Class,
    /// The state before, with all its fields and secrets.
    pub before: Option<&'f Row>,
    /// The state after.
    pub after: Option<&'f Row>,
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

    fn add(&mut self, change: Change) {
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
    /// Number of differing objects of each kind, in the order of [`compared_kinds`], without kinds
    /// that have none.
    pub summary: Vec<(&'static ObjectKind, Counts)>,
    /// The first snapshot.
    pub before: SideReport,
    /// The second one.
    pub after: SideReport,
    /// Records that are not in the servers' order, by type; they were matched all the same.
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
    #[error("to check its order: {0}")]
    Reopen(#[from] OpenError),
}

/// Opens both files once more.
pub type Reopen<'r> = dyn Fn() -> Result<Option<(Blocks, Blocks)>, OpenError> + 'r;

/// Compares two snapshots and passes on every differing object: sorted by kind and ID as long as no
/// more than [`DiffOptions::hold`] is held, or else in the order in which they are found.
///
/// `reopen` opens both again if their order has to be checked; `None` if they can be read only once
/// (standard input).
///
/// # Errors
/// If `each` fails, a file cannot be opened again, or data that does not fit in memory cannot be
/// written to disk.
pub fn diff(
    before: Blocks,
    after: Blocks,
    options: &DiffOptions,
    comparer: &Comparer,
    reopen: &Reopen<'_>,
    each: &mut dyn FnMut(Found<'_>) -> io::Result<()>,
) -> Result<DiffReport, DiffError> {
    merge::Merge::new(options, comparer, each).run(before, after, reopen)
}
