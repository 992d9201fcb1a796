//! Positions in a rule text.

use std::fmt;

/// A position in a rule text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1; 0 if the rule is not from a text (rules of identities).
    pub line: u32,
    /// Character of the line, from 1.
    pub column: u32,
    /// Byte of the text, from 0.
    pub offset: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, column {}", self.line, self.column)
    }
}

/// The start of a server's error for a text that it cannot parse.
const UNREADABLE: &str = "Failed to parse ACL rules: ";

/// A rule text that a server would refuse, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct RuleError {
    /// Where it was noticed.
    pub place: Position,
    /// The expected and the actual text.
    pub what: String,
    /// The server's whole error. `None` if the server fails without an answer, or if the limit is not the
    /// server's.
    pub server: Option<String>,
}

impl RuleError {
    pub(super) fn new(place: Position, what: impl Into<String>) -> Self {
        Self { place, what: what.into(), server: None }
    }

    /// Adds the server's error for a text that it cannot parse.
    pub(super) fn said(mut self, server: impl fmt::Display) -> Self {
        self.server = Some(format!("{UNREADABLE}{server}"));
        self
    }

    /// The error of the server's parser.
    pub(super) fn reader(&self) -> Option<&str> {
        self.server.as_deref()?.strip_prefix(UNREADABLE)
    }

    /// Adds the server's error for rules that it parsed and found invalid.
    pub(super) fn invalid(mut self, server: String) -> Self {
        self.server = Some(server);
        self
    }
}
