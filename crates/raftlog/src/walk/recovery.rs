//! Finds entries of a raft.db by their structure where damage hides them.

use super::progress::Progress;
use crate::carve::Carved;
use crate::entry::Entry;
use crate::error::Error;
use crate::finding::LogFinding;
use std::fs::File;
use std::ops::{ControlFlow, Range};
use std::path::Path;

/// The entries in all pages of a file, in the tree or not.
pub(super) struct Recovery<'p> {
    path: &'p Path,
    /// Read when the first entry is missing.
    all: Option<(Carved, File)>,
    /// Whether damage may hide entries.
    pub(super) is_needed: bool,
    entries: u64,
    /// The indexes of the first and the last entry that was passed on.
    range: Option<(u64, u64)>,
}

impl<'p> Recovery<'p> {
    pub(super) const fn new(path: &'p Path) -> Self {
        Self { path, all: None, is_needed: false, entries: 0, range: None }
    }

    /// Whether no page has an entry.
    pub(super) fn is_empty(&mut self) -> Result<bool, Error> {
        Ok(self.all()?.0.is_empty())
    }

    fn all(&mut self) -> Result<&(Carved, File), Error> {
        if self.all.is_none() {
            self.all = Some((Carved::bolt(self.path)?, File::open(self.path)?));
        }
        // It was set above.
        self.all.as_ref().ok_or_else(|| std::io::Error::other("no pages").into())
    }

    /// Passes on the entries between the last one and this one.
    pub(super) fn before(
        &mut self,
        next: &Entry<'_>,
        progress: &mut Progress<'_>,
    ) -> Result<ControlFlow<()>, Error> {
        if progress.next >= next.index {
            return Ok(ControlFlow::Continue(()));
        }
        let mut keys = self.chosen(progress.next..next.index, progress.term, next.term)?;
        if progress.last.is_none() {
            // Entries before the first one may have been removed from the log long ago, and those
            // that lead to it without a gap are most likely part of it.
            let mut expected = next.index;
            let follows = |(index, _): &&(u64, u64)| {
                expected = expected.saturating_sub(1);
                *index == expected
            };
            let count = keys.iter().rev().take_while(follows).count();
            keys.drain(..keys.len().saturating_sub(count));
        }
        self.give(&keys, progress)
    }

    /// Passes on the entries after the last one.
    pub(super) fn rest(&mut self, progress: &mut Progress<'_>) -> Result<ControlFlow<()>, Error> {
        let keys = self.chosen(progress.next..u64::MAX, progress.term, u64::MAX)?;
        self.give(&keys, progress)
    }

    /// Indexes and terms, one for each index. Terms never decrease in a log: what a new leader has
    /// replaced has a lower one.
    fn chosen(
        &mut self,
        range: Range<u64>,
        mut lowest: u64,
        highest: u64,
    ) -> Result<Vec<(u64, u64)>, Error> {
        let mut chosen: Vec<(u64, u64)> = Vec::new();
        for (index, term) in self.all()?.0.keys(range) {
            if term < lowest || term > highest {
                continue;
            }
            match chosen.last_mut() {
                Some(last) if last.0 == index => last.1 = term,
                _ => chosen.push((index, term)),
            }
            lowest = term;
        }
        Ok(chosen)
    }

    fn give(
        &mut self,
        keys: &[(u64, u64)],
        progress: &mut Progress<'_>,
    ) -> Result<ControlFlow<()>, Error> {
        for key in keys {
            let (carved, file) = self.all()?;
            let given = carved.entry(*key, file, |entry| progress.give(entry))?;
            let Some(flow) = given else { continue };
            self.entries += 1;
            let first = self.range.map_or(key.0, |(first, _)| first);
            self.range = Some((first, key.0));
            if flow.is_break() {
                return Ok(flow);
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Reports how many entries were passed on.
    pub(super) fn report(&self, progress: &mut Progress<'_>) {
        if let Some((first, last)) = self.range {
            let (file, entries) = (self.path.to_owned(), self.entries);
            (progress.findings)(LogFinding::Recovered { file, entries, first, last });
        }
    }
}
