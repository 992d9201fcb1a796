//! Which headers an answer has.

/// Which headers about the servers' state an endpoint's answers have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heads {
    /// None.
    Bare,
    /// The index alone, not in errors.
    Index,
    /// All but the index and how the query was answered, not in errors.
    Leader,
    /// Answers have them, errors don't.
    Reads,
    /// Errors have them, too: index 1, and no leader.
    Lists,
}
