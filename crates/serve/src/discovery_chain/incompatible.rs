//! Errors of chains.

/// Config entries that do not fit together, in the words of servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Incompatible(pub(crate) String);
