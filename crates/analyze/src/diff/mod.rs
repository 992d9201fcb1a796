//! Two snapshots compared in one pass over both, side by side.
//!
//! Servers write records in one order, so two readings go on in step: equal records are passed over
//! by their bytes, of others the keys tell which side is behind. Order is a fact about healthy
//! writers, not a promise: what has no counterpart where it should be is held, and found again
//! wherever it turns up (`held`). When more is held than fits, both files are read once more to make
//! sure of their order (`order`), after which there is nothing left to wait for; what isn't in order
//! is sorted on the disk and paired at the end (`spilled`).

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

/// Which objects are compared, and how.
#[derive(Debug)]
pub struct DiffOptions {
    /// The kinds that are compared, each with a filter that must hold before or after.
    pub kinds: Vec<(&'static ObjectKind, Option<Filter>)>,
    /// Only objects whose id begins so.
    pub prefix: Option<Vec<u8>>,
    /// Whether objects of which only the servers' bookkeeping differs are handed on too.
    pub with_touched: bool,
    /// Whether each side is read by a thread of its own.
    pub threads: bool,
    /// Bytes of differing objects that may be held before the order of both files is checked. Those
    /// that have to wait all the same go to the disk then.
    pub hold: usize,
    /// What of these may be in memory.
    pub room: Room,
}

impl DiffOptions {
    /// See [`DiffOptions::hold`]: two percent of a gigabyte, and little beside what inflating takes.
    pub const HOLD: usize = 24 << 20;

    /// All that users and operators made is compared, and nothing that is only touched.
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

/// All kinds of objects that can be compared, in the order of summaries.
pub fn compared_kinds() -> impl Iterator<Item = &'static ObjectKind> {
    KINDS.iter().chain(BARE_KINDS).filter(|kind| kind.object.is_some()).copied()
}

/// Whether objects of a kind are nothing but the servers' bookkeeping: what remains of a deleted
/// key, the index of a table. They are compared when they are asked for.
#[must_use]
pub fn is_bookkeeping(kind: &ObjectKind) -> bool {
    matches!(kind.object, Some("tombstone" | "index"))
}

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

    fn add(&mut self, change: Change) {
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
    /// How many objects of each kind differ, in the order of [`compared_kinds`]; kinds without any
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

/// Compares two snapshots and hands on every object that differs: as far as no more is held than
/// [`DiffOptions::hold`] sorted by kind and id, else in the order in which they are found.
///
/// `reopen` opens both once more if their order has to be checked; `None` if they can't be (standard
/// input).
///
/// # Errors
/// What `each` fails with; when a file can't be opened again, or what has no room in memory can't be
/// written to the disk.
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
