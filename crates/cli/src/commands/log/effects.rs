//! Which entries of a log have their effects shown.

/// Which entries have their effects shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Effects {
    None,
    /// The entries that are in the log now.
    OfThese,
    /// Later ones as well: the whole state is held.
    OfLater,
}
