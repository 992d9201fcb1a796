//! Positions in a rule text.

use std::fmt;

/// A position in a rule text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Line, from 1; 0 if the rule is not from a text (rules of identities).
    pub line: u32,
    /// Character of the line, from 1.
    pub column: u32,
    /// Byte of the text, from 0.
    pub offset: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A rule text that a server would refuse, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct RuleError {
    /// Where it was noticed.
    pub place: Place,
    /// The expected and the actual text.
    pub what: String,
}

impl RuleError {
    pub(super) fn new(place: Place, what: impl Into<String>) -> Self {
        Self { place, what: what.into() }
    }
}
