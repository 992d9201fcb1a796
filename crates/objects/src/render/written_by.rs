//! Which versions can have written a snapshot.

use snapscope_decode::VersionRange;
use std::fmt;

/// Finds out which versions can have written a snapshot. Asked only where what a field is depends on
/// it, which is so in few messages: the answer may take a look at the whole snapshot.
#[derive(Clone, Copy, Default)]
pub struct WrittenBy<'w>(Option<&'w (dyn Fn() -> VersionRange + Sync)>);

impl<'w> WrittenBy<'w> {
    /// Whoever asks gets the answer of `find`.
    #[must_use]
    pub const fn new(find: &'w (dyn Fn() -> VersionRange + Sync)) -> Self {
        Self(Some(find))
    }

    /// The versions; all of them if nobody knows.
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
