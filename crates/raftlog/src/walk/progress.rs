//! The position of a walk.

use crate::entry::Entry;
use crate::error::Damage;
use crate::finding::LogFinding;
use std::ops::ControlFlow;
use std::path::Path;

/// The position of a walk, and the receivers of its results.
pub(crate) struct Progress<'w> {
    /// Entries below this index are skipped.
    pub(super) next: u64,
    /// The last index passed on.
    pub(super) last: Option<u64>,
    /// Its term.
    pub(super) term: u64,
    pub(super) findings: &'w mut dyn FnMut(LogFinding),
    pub(super) each: &'w mut dyn FnMut(Entry<'_>) -> ControlFlow<()>,
}

impl<'w> Progress<'w> {
    /// Starts at an index. The entry after `last` must be the next one.
    pub(crate) fn new(
        next: u64,
        last: Option<u64>,
        findings: &'w mut dyn FnMut(LogFinding),
        each: &'w mut dyn FnMut(Entry<'_>) -> ControlFlow<()>,
    ) -> Self {
        Self { next, last, term: 0, findings, each }
    }

    /// Whether an entry is in order; if it is not, the file may be torn.
    pub(super) fn is_due(&self, index: u64) -> bool {
        self.last.is_none_or(|last| last.checked_add(1) == Some(index))
    }

    pub(super) fn give(&mut self, entry: Entry<'_>) -> ControlFlow<()> {
        if let Some(after) = self.last.filter(|_| !self.is_due(entry.index)) {
            (self.findings)(LogFinding::Gap { after, next: entry.index });
        }
        self.last = Some(entry.index);
        self.term = entry.term;
        self.next = entry.index.saturating_add(1);
        (self.each)(entry)
    }

    pub(super) fn damage(&mut self, file: &Path, damage: Damage) {
        (self.findings)(LogFinding::Damage { file: file.to_owned(), damage });
    }
}
