//! The object that something is said of.

use super::finding::Finding;
use super::rule::AuditRule;

/// The object a text belongs to, or a finding is about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'p> {
    /// Its type, as findings have it.
    pub(super) kind: &'static str,
    pub(super) id: &'p [u8],
    /// The number of its record.
    pub(super) number: u64,
    /// The raft index at which it was changed last.
    pub(super) index: u64,
}

impl<'p> Place<'p> {
    pub(super) const fn new(kind: &'static str, id: &'p [u8], number: u64, index: u64) -> Self {
        Self { kind, id, number, index }
    }

    pub(super) fn finding(&self, rule: &'static AuditRule, message: impl Into<String>) -> Finding {
        Finding::new(rule, self.kind, self.id, message).at(self.number, self.index)
    }
}

/// The same of an object that is kept until all records were seen.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kept {
    pub(super) id: Vec<u8>,
    pub(super) number: u64,
    pub(super) index: u64,
}

impl Kept {
    pub(super) const fn place(&self, kind: &'static str) -> Place<'_> {
        Place::new(kind, self.id.as_slice(), self.number, self.index)
    }
}
