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
mod options;
mod order;
mod parts;
mod report;
mod side;
mod spilled;

pub use options::DiffOptions;
pub use order::{Order, check_order};
pub use report::{Counts, DiffError, DiffReport, Found, Reopen, SideReport};

use crate::compare::Comparer;
use snapscope_archive::Blocks;
use std::io;

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
