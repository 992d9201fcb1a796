//! The headers of an answer about the state.

/// The headers about the servers' state that an endpoint sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Heads {
    /// None.
    Bare,
    /// Only the index, and not in errors.
    Index,
    /// All except the index and the method of the query, and not in errors.
    Leader,
    /// Successful answers have them, errors do not.
    Reads,
    /// Errors have them, too: index 1, and no leader.
    Lists,
}
