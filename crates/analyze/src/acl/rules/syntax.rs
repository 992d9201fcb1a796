//! Two dialects of rules.

/// Whose rules a text holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// A policy's.
    Current,
    /// A legacy token's: every name is a prefix, `acl` and `*_prefix` don't count.
    Legacy,
}
