//! Where something stands in a rule text.

use std::fmt;

/// A place in a rule text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Line, the first being 1; 0 if the rule stands in no text (those of identities).
    pub line: u32,
    /// Character of the line, the first being 1.
    pub column: u32,
    /// Byte of the text, the first being 0.
    pub offset: u32,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// A rule text a server would refuse, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct RuleError {
    /// Where it was noticed.
    pub place: Place,
    /// What was expected and what was found.
    pub what: String,
}

impl RuleError {
    pub(super) fn new(place: Place, what: impl Into<String>) -> Self {
        Self { place, what: what.into() }
    }
}
