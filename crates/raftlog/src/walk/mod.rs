//! Walks over a log's entries in order, in either store, even while a server writes to it.

mod bolt;
mod changing;
mod progress;
mod recovery;
mod wal;

pub(crate) use bolt::bolt;
pub(crate) use progress::Progress;
pub(crate) use wal::segment_entries;

use crate::entry::Entry;
use crate::error::{Damage, Error};
use crate::finding::LogFinding;
use crate::log::{Extent, RaftLog, Store, Tail};
use std::ops::ControlFlow;
use wal::wal;

impl RaftLog {
    /// Calls `each` with all entries from an index on, in order, until it stops the walk. A file
    /// that a server changes meanwhile is read again from the current position.
    ///
    /// # Errors
    /// On I/O errors, or if damage prevents reading.
    pub fn walk(
        &self,
        from: u64,
        findings: &mut dyn FnMut(LogFinding),
        each: &mut dyn FnMut(Entry<'_>) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let mut progress = Progress::new(from, None, findings, each);
        match self.store() {
            Store::Bolt => bolt(self.path(), &mut progress),
            Store::Wal => wal(self.path(), &mut progress),
        }
    }

    /// Its content after an index.
    ///
    /// # Errors
    /// On I/O errors, or if damage prevents reading.
    pub fn after(&self, index: u64) -> Result<Tail, Error> {
        let mut tail = Tail::default();
        let Some(from) = index.checked_add(1) else { return Ok(tail) };
        let mut damage = None;
        let mut findings = |finding| {
            if let LogFinding::Damage { file, damage: found } = finding {
                damage.get_or_insert((file, found));
            }
        };
        self.walk(from, &mut findings, &mut |entry| {
            tail.writes += u64::from(entry.is_write());
            tail.last = tail.last.max(entry.index);
            ControlFlow::Continue(())
        })?;
        Ok(Tail { damage, ..tail })
    }

    /// The range of the entries that can be read in spite of damage.
    pub(crate) fn walked_extent(&self, damage: Damage) -> Result<Option<Extent>, Error> {
        let mut ends: Option<(u64, u64, u64)> = None;
        self.walk(0, &mut |_| {}, &mut |entry| {
            let first = ends.map_or(entry.index, |(first, ..)| first);
            ends = Some((first, entry.index, entry.term));
            ControlFlow::Continue(())
        })?;
        let (first, last, last_term) = ends.ok_or(damage)?;
        let damage = Some((self.path().to_owned(), damage));
        Ok(Some(Extent { first, last, last_term, damage }))
    }
}
