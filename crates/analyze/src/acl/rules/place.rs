//! Where something is in a rule text.

use std::fmt;

/// A place in a rule text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Line, the first being 1; 0 if the rule is in no text (those of identities).
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

/// How servers introduce what their reader says.
const UNREADABLE: &str = "Failed to parse ACL rules: ";

/// A rule text a server would refuse, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {what}")]
pub struct RuleError {
    /// Where it was noticed.
    pub place: Place,
    /// What was expected and what was found.
    pub what: String,
    /// What the server says about it, whole. `None` if the text makes the server's request fail without
    /// an answer, or if the limit is not the server's.
    pub server: Option<String>,
}

impl RuleError {
    pub(super) fn new(place: Place, what: impl Into<String>) -> Self {
        Self { place, what: what.into(), server: None }
    }

    /// The error of a text that can't be read into rules, in the words of the server's reader.
    pub(super) fn said(mut self, server: impl fmt::Display) -> Self {
        self.server = Some(format!("{UNREADABLE}{server}"));
        self
    }

    /// What the server's reader says.
    pub(super) fn reader(&self) -> Option<&str> {
        self.server.as_deref()?.strip_prefix(UNREADABLE)
    }

    /// The error of rules that were read and aren't valid, in the server's words.
    pub(super) fn invalid(mut self, server: String) -> Self {
        self.server = Some(server);
        self
    }
}
