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
