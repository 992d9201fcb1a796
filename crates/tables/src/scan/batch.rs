//! Rows as they are passed on.

use crate::cells::{Cells, Value};
use snapscope_objects::kind::KindId;

/// Number of bytes after which rows made on one thread are passed on as a batch.
pub(super) const BATCH: usize = 1 << 18;
/// Number of rows in a batch of rows without values.
pub(super) const BATCH_ROWS: usize = 1 << 14;

/// Some rows.
#[derive(Debug, Default)]
pub struct Batch {
    pub(super) cells: Cells,
    /// Number of columns.
    pub(super) width: usize,
    pub(super) rows: usize,
    /// References: the positions of their values, and their targets.
    pub(super) references: Vec<(usize, KindId, u64)>,
}

impl Batch {
    /// The number of rows.
    #[must_use]
    pub const fn rows(&self) -> usize {
        self.rows
    }

    /// The value of a row in the requested column at this position.
    #[must_use]
    pub fn value(&self, row: usize, column: usize) -> Value<'_> {
        self.cells.at(row * self.width + column)
    }

    /// Bytes that it takes.
    #[must_use]
    pub const fn size(&self) -> usize {
        self.cells.size()
    }

    /// Removes all rows, but keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.cells.clear();
        self.references.clear();
        self.rows = 0;
    }

    /// Adds a row; `write` writes its requested columns.
    pub(crate) fn row(&mut self, columns: &[usize], mut write: impl FnMut(usize, &mut Cells)) {
        self.width = columns.len();
        columns.iter().for_each(|column| write(*column, &mut self.cells));
        self.rows += 1;
    }
}
