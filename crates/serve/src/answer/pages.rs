//! Bodies that are produced while they are sent.

use crate::state::View;

/// Approximate size of a page: large enough that passing it to the client costs little.
pub(crate) const PAGE: usize = 256 << 10;

/// A body of unbounded length, produced page by page: a slow client occupies one page in memory,
/// and no worker.
pub(crate) trait Pages: Send {
    /// The next page; `None` at the end.
    fn next(&mut self, view: &View<'_>) -> Option<Vec<u8>>;
    /// Whether all pages were returned.
    fn is_done(&self) -> bool;
}
