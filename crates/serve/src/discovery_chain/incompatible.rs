//! Errors of chains.

/// Incompatible config entries, in the words of servers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Incompatible(pub(crate) String);
