//! Rules of the audit.

use std::fmt;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Untidy; may become a problem.
    Low,
    /// Should be changed.
    Medium,
    /// Should be changed soon.
    High,
    /// Can be abused, or breaks something, now.
    Critical,
}

impl Severity {
    /// All of them, the worst first.
    pub const ALL: [Self; 5] = [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Info];

    /// Its name.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A rule of the audit.
#[derive(Debug, PartialEq, Eq)]
pub struct AuditRule {
    /// Stable, `ACL001`.
    pub id: &'static str,
    /// The severity of its findings.
    pub severity: Severity,
    /// A short title.
    pub title: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub fix: &'static str,
    /// A reference.
    pub reference: &'static str,
}

impl AuditRule {
    /// The group it belongs to: its ID without the number.
    #[must_use]
    pub fn group(&self) -> &'static str {
        self.id.trim_end_matches(|c: char| c.is_ascii_digit())
    }
}
