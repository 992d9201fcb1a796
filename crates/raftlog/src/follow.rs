//! Follows a log while a server writes to it: returns what was committed since the last look.

use crate::bbolt::Database;
use crate::entry::Entry;
use crate::error::Error;
use crate::finding::LogFinding;
use crate::log::{RaftLog, Segments, Store, listed_segments, logs, segments};
use crate::wal::{Segment, SegmentInfo};
use crate::walk::{Progress, bolt, segment_entries};
use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::ops::ControlFlow;

/// Number of last entries that are remembered, to find where a new leader has replaced entries.
const REMEMBERED: usize = 65_536;

/// Number of consecutive looks that must find the same damage before it is reported. A server may
/// be in the middle of a write.
const PATIENCE: u32 = 10;

/// A position in a log that is being written to.
#[derive(Debug)]
pub struct Follower {
    log: RaftLog,
    /// Index and term of the last entries passed on.
    seen: VecDeque<(u64, u64)>,
    next: u64,
    /// For raft-wal: the last segment read, and the end of its last valid commit.
    place: Option<(u64, u64)>,
    /// The first index of entries that were removed again, until this is reported.
    removed: Option<u64>,
    /// The damage at the last look, and the number of looks that found it.
    trouble: Option<(Vec<LogFinding>, u32)>,
}

impl Follower {
    /// Starts after the entries that the caller reports with `seen`.
    #[must_use]
    pub const fn new(log: RaftLog, next: u64) -> Self {
        Self { log, seen: VecDeque::new(), next, place: None, removed: None, trouble: None }
    }

    /// Records an entry that the caller has already read.
    pub fn saw(&mut self, index: u64, term: u64) {
        if self.seen.len() >= REMEMBERED {
            self.seen.pop_front();
        }
        self.seen.push_back((index, term));
        self.next = index.saturating_add(1);
    }

    /// The index of the next entry.
    #[must_use]
    pub const fn next(&self) -> u64 {
        self.next
    }

    /// Passes on all entries since the last look, and damage that persists. If a new leader has
    /// removed entries that were already passed on, it first calls `replaced` with the first index
    /// of these; their replacements follow.
    ///
    /// # Errors
    /// On I/O errors.
    pub fn look(
        &mut self,
        findings: &mut dyn FnMut(LogFinding),
        replaced: &mut dyn FnMut(u64),
        each: &mut dyn FnMut(Entry<'_>) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let mut found = Vec::new();
        match self.look_once(&mut found, replaced, each) {
            Err(Error::Damage(damage)) => {
                found.push(LogFinding::Damage { file: self.log.path().to_owned(), damage });
            }
            // A server creates and removes files as it drops old segments.
            Err(Error::Io(e)) if e.kind() == io::ErrorKind::NotFound => self.place = None,
            looked => looked?,
        }
        // A gap is final: the entry after it was passed on.
        let (gaps, others): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|finding| matches!(finding, LogFinding::Gap { .. }));
        gaps.into_iter().for_each(&mut *findings);
        self.trouble = match self.trouble.take() {
            _ if others.is_empty() => None,
            Some((before, times)) if before == others => {
                if times == PATIENCE {
                    others.iter().cloned().for_each(findings);
                }
                Some((others, times.saturating_add(1)))
            }
            _ => Some((others, 1)),
        };
        Ok(())
    }

    fn look_once(
        &mut self,
        found: &mut Vec<LogFinding>,
        replaced: &mut dyn FnMut(u64),
        each: &mut dyn FnMut(Entry<'_>) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let store = self.log.store();
        match store {
            Store::Bolt => self.rewind_bolt()?,
            Store::Wal => self.rewind_wal()?,
        }
        if let Some(index) = self.removed.take() {
            replaced(index);
        }
        match store {
            Store::Bolt => self.bolt(found, each),
            Store::Wal => self.wal(found, each),
        }
    }

    /// Returns to the last entry that still exists.
    fn rewind_bolt(&mut self) -> Result<(), Error> {
        while let Some(seen) = self.seen.back().copied() {
            if self.is_stored(seen)? {
                break;
            }
            self.take_back(seen.0);
        }
        Ok(())
    }

    /// Whether an entry is in raft.db, or was dropped from its start as old entries are.
    fn is_stored(&self, (index, term): (u64, u64)) -> Result<bool, Error> {
        let open = || Database::open(File::open(self.log.path())?);
        let entry = |item: crate::bbolt::Item<'_>| {
            Entry::from_msgpack(item.value, item.offset).map(|e| (e.index, e.term))
        };
        let mut database = open()?;
        for _ in 0..PATIENCE {
            let answer = || -> Result<bool, Error> {
                let logs = logs(&database)?;
                let stored = logs.get(&index.to_be_bytes(), entry)?.transpose()?;
                let first = logs.first(entry)?.transpose()?;
                Ok(stored == Some((index, term)) || first.is_some_and(|(first, _)| first > index))
            };
            let answer = answer();
            // The pages of a transaction are not reused before the next transaction is complete.
            let now = open()?;
            if now.transaction() == database.transaction() {
                return answer;
            }
            database = now;
        }
        // It changes too fast to be sure, so nothing is reported as replaced.
        Ok(true)
    }

    /// The same for segments, where the entries of a new leader are in a new segment.
    fn rewind_wal(&mut self) -> Result<(), Error> {
        let (Some((last, _)), Some((segment, _))) = (self.seen.back().copied(), self.place) else {
            return Ok(());
        };
        let infos = self.segments()?;
        let holder = infos.iter().rev().find(|info| info.base_index <= last);
        let is_same = holder.is_none_or(|holder| {
            holder.id == segment && holder.max_index.is_none_or(|max| max >= last)
        });
        if is_same {
            return Ok(());
        }
        let mut terms = Vec::new();
        let from = self.seen.front().map_or(0, |(index, _)| *index);
        let mut ignore = |_| {};
        let mut each = |entry: Entry<'_>| {
            terms.push((entry.index, entry.term));
            ControlFlow::Continue(())
        };
        let mut progress = Progress::new(from, None, &mut ignore, &mut each);
        for info in infos {
            self.segment(&info, 0, &mut progress)?;
        }
        let first = terms.first().map_or(u64::MAX, |(index, _)| *index);
        while let Some(seen) = self.seen.back().copied() {
            if seen.0 < first || terms.binary_search(&seen).is_ok() {
                break;
            }
            self.take_back(seen.0);
        }
        self.place = None;
        Ok(())
    }

    fn segments(&self) -> Result<Vec<SegmentInfo>, Error> {
        match listed_segments(self.log.path())? {
            Segments { list, problem: None } => Ok(list),
            _ => Ok(segments(self.log.path())?.list),
        }
    }

    fn take_back(&mut self, index: u64) {
        self.seen.pop_back();
        self.next = index;
        self.removed = Some(index);
    }

    fn bolt(
        &mut self,
        found: &mut Vec<LogFinding>,
        each: &mut dyn FnMut(Entry<'_>) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        let (path, next) = (self.log.path().to_owned(), self.next);
        let last = self.seen.back().map(|(index, _)| *index);
        let mut findings = |finding| found.push(finding);
        let mut each = |entry: Entry<'_>| {
            self.saw(entry.index, entry.term);
            each(entry)
        };
        bolt(&path, &mut Progress::new(next, last, &mut findings, &mut each))
    }

    fn wal(
        &mut self,
        found: &mut Vec<LogFinding>,
        each: &mut dyn FnMut(Entry<'_>) -> ControlFlow<()>,
    ) -> Result<(), Error> {
        for info in self.segments()? {
            if info.max_index.is_some_and(|max| max < self.next) {
                continue;
            }
            let from = self.place.filter(|(id, _)| *id == info.id).map_or(0, |(_, offset)| offset);
            let (next, last) = (self.next, self.seen.back().map(|(index, _)| *index));
            let mut seen = Vec::new();
            let mut findings = |finding| {
                // Entries without a commit are still being written.
                if !matches!(finding, LogFinding::Unacknowledged { .. }) {
                    found.push(finding);
                }
            };
            let mut each = |entry: Entry<'_>| {
                seen.push((entry.index, entry.term));
                each(entry)
            };
            let mut progress = Progress::new(next, last, &mut findings, &mut each);
            let ended = self.segment(&info, from, &mut progress)?;
            seen.into_iter().for_each(|(index, term)| self.saw(index, term));
            match ended {
                Some(offset) => self.place = Some((info.id, offset)),
                None => return Ok(()),
            }
        }
        Ok(())
    }

    /// Passes on a segment's entries. Returns where they end; `None` if the walk was stopped.
    fn segment(
        &self,
        info: &SegmentInfo,
        from: u64,
        progress: &mut Progress<'_>,
    ) -> Result<Option<u64>, Error> {
        let path = self.log.path().join(info.file_name());
        let segment = Segment::open(File::open(&path)?)?;
        let range = info.min_index..=info.max_index.unwrap_or(u64::MAX);
        let (flow, offset) = segment_entries(&segment, &path, range, from, progress)?;
        Ok(flow.is_continue().then_some(offset))
    }
}
