//! The object of a finding.

use super::finding::Finding;
use super::rule::AuditRule;
use snapscope_objects::kind::KindId;

/// The object of a text or finding.
#[derive(Debug, Clone, Copy)]
pub(super) struct Owner<'p> {
    pub(super) kind: KindId,
    pub(super) id: &'p [u8],
    /// The number of its record.
    pub(super) number: u64,
    /// The Raft index of its last change.
    pub(super) index: u64,
}

impl<'p> Owner<'p> {
    pub(super) const fn new(kind: KindId, id: &'p [u8], number: u64, index: u64) -> Self {
        Self { kind, id, number, index }
    }

    pub(super) fn finding(&self, rule: &'static AuditRule, message: impl Into<String>) -> Finding {
        Finding::new(rule, self.kind, self.id, message).at(self.number, self.index)
    }
}

/// The owned form, for objects that are kept until the last record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KeptOwner {
    pub(super) id: Vec<u8>,
    pub(super) number: u64,
    pub(super) index: u64,
}

impl KeptOwner {
    pub(super) const fn place(&self, kind: KindId) -> Owner<'_> {
        Owner::new(kind, self.id.as_slice(), self.number, self.index)
    }
}
