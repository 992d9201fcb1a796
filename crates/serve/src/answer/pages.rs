//! Bodies that are made while they are sent.

use crate::state::View;

/// About how long a page becomes: long enough that its way to the client costs little.
pub(crate) const PAGE: usize = 256 << 10;

/// A body of unbounded length, made page by page: a client that reads slowly holds one page, and no worker.
pub(crate) trait Pages: Send {
    /// The next page; `None` at the end.
    fn next(&mut self, view: &View<'_>) -> Option<Vec<u8>>;
    /// Whether there is none left.
    fn is_done(&self) -> bool;
}
