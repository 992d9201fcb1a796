//! Which versions can have written a snapshot.

use snapscope_decode::VersionRange;
use std::fmt;

/// Finds out which versions can have written a snapshot. Only few messages contain a field that
/// depends on it, and the answer may need a pass over the whole snapshot, so it is computed on
/// demand.
#[derive(Clone, Copy, Default)]
pub struct WrittenBy<'w>(Option<&'w (dyn Fn() -> VersionRange + Sync)>);

impl<'w> WrittenBy<'w> {
    /// Creates one that returns the answer of `find`.
    #[must_use]
    pub const fn new(find: &'w (dyn Fn() -> VersionRange + Sync)) -> Self {
        Self(Some(find))
    }

    /// Returns the versions; all of them if unknown.
    #[must_use]
    pub fn versions(&self) -> VersionRange {
        self.0.map_or(VersionRange::ALL, |find| find())
    }
}

impl fmt::Debug for WrittenBy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WrittenBy").field(&self.0.is_some()).finish()
    }
}
