//! The two dialects of rules.

/// The owner of a rule text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Syntax {
    /// A policy's.
    Current,
    /// A legacy token's: every name is a prefix, `acl` and `*_prefix` have no effect.
    Legacy,
}
