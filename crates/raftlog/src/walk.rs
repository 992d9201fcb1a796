//! Walks over a log's entries in order, in either store, even while a server writes to it.

use crate::bbolt::Database;
use crate::entry::Entry;
use crate::error::{Damage, DamageKind, Error};
use crate::log::{RaftLog, Store, logs, segments};
use crate::wal::Segment;
use std::fs::File;
use std::io;
use std::ops::{ControlFlow, RangeInclusive};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often a file is read again that seems to change while it is read, without any progress.
const TRIES: u32 = 20;
/// How long a server may take between the writes of two pages.
const PAUSE: Duration = Duration::from_millis(5);
/// A file that was left alone for this long is not being written.
const QUIET: Duration = Duration::from_secs(10);

/// Whether a server may be writing to a file.
fn is_being_written(path: &Path) -> bool {
    let changed = std::fs::metadata(path).and_then(|file| file.modified());
    // The clocks of two machines may differ.
    changed.map_or(true, |at| at.elapsed().map_or(true, |ago| ago < QUIET))
}

/// A problem of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogFinding {
    /// A file is damaged.
    Damage {
        /// The file.
        file: PathBuf,
        /// The damage.
        damage: Damage,
    },
    /// Entries are missing between two indexes.
    Gap {
        /// The last index before.
        after: u64,
        /// The first one after.
        next: u64,
    },
    /// Entries at the end without a valid commit.
    Unacknowledged {
        /// Their number.
        entries: u64,
    },
}

/// The position of a walk, and the receivers of its results.
pub(crate) struct Progress<'w> {
    /// Entries below this index are skipped.
    next: u64,
    /// The last index passed on.
    last: Option<u64>,
    findings: &'w mut dyn FnMut(LogFinding),
    each: &'w mut dyn FnMut(Entry<'_>) -> ControlFlow<()>,
}

/// The reason why a pass over a file ended.
enum Ended {
    Whole,
    Asked,
    /// The file seems to have changed: read it again.
    Torn,
}

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
}

impl<'w> Progress<'w> {
    /// Starts at an index. The entry after `last` must be the next one.
    pub(crate) fn new(
        next: u64,
        last: Option<u64>,
        findings: &'w mut dyn FnMut(LogFinding),
        each: &'w mut dyn FnMut(Entry<'_>) -> ControlFlow<()>,
    ) -> Self {
        Self { next, last, findings, each }
    }

    /// Whether an entry is in order; if it is not, the file may be torn.
    fn is_due(&self, index: u64) -> bool {
        self.last.is_none_or(|last| last.checked_add(1) == Some(index))
    }

    fn give(&mut self, entry: Entry<'_>) -> ControlFlow<()> {
        if let Some(after) = self.last.filter(|_| !self.is_due(entry.index)) {
            (self.findings)(LogFinding::Gap { after, next: entry.index });
        }
        self.last = Some(entry.index);
        self.next = entry.index.saturating_add(1);
        (self.each)(entry)
    }

    fn damage(&mut self, file: &Path, damage: Damage) {
        (self.findings)(LogFinding::Damage { file: file.to_owned(), damage });
    }
}

pub(crate) fn bolt(path: &Path, progress: &mut Progress<'_>) -> Result<(), Error> {
    let mut tries = 0;
    let mut seen = None;
    let most = if is_being_written(path) { TRIES } else { 1 };
    loop {
        tries += 1;
        let (before, is_last_try) = (progress.next, tries >= most);
        let database = match Database::open(File::open(path)?) {
            // The server may have been between writes of two pages.
            Err(Error::Damage(_)) if !is_last_try => {
                std::thread::sleep(PAUSE);
                continue;
            }
            database => database?,
        };
        // Data that has not changed since the last pass is damaged, not torn.
        let is_final = is_last_try || seen == Some(database.transaction());
        seen = Some(database.transaction());
        let goal = last_index(&database);
        match bolt_pass(&database, path, progress, is_final)? {
            Ended::Asked => return Ok(()),
            // A reused page may hide the rest.
            Ended::Whole if is_final || goal.is_some_and(|goal| goal < progress.next) => {
                return Ok(());
            }
            Ended::Torn | Ended::Whole => {}
        }
        if progress.next > before {
            tries = 0;
            seen = None;
        } else {
            std::thread::sleep(PAUSE);
        }
    }
}

/// The last index, as it was when the file was opened; `None` if it can't be read.
fn last_index(database: &Database<File>) -> Option<u64> {
    let last = logs(database)
        .ok()?
        .last(|item| item.key.first_chunk().map(|key| u64::from_be_bytes(*key)));
    last.ok()?.unwrap_or(Some(0))
}

/// One pass over the pages of a raft.db.
fn bolt_pass(
    database: &Database<File>,
    path: &Path,
    progress: &mut Progress<'_>,
    is_final: bool,
) -> Result<Ended, Error> {
    let logs = match logs(database) {
        Err(Error::Damage(_)) if !is_final => return Ok(Ended::Torn),
        logs => logs?,
    };
    let ended = std::cell::Cell::new(Ended::Whole);
    let damages = std::cell::RefCell::new(Vec::new());
    let from = progress.next.to_be_bytes();
    logs.walk(
        &from,
        &mut |e| match e {
            Error::Damage(damage) if is_final => {
                damages.borrow_mut().push(damage);
                ControlFlow::Continue(())
            }
            _ => {
                ended.set(Ended::Torn);
                ControlFlow::Break(())
            }
        },
        &mut |item| {
            let entry = Entry::from_msgpack(item.value, item.offset).and_then(|entry| {
                let expected = "the index it is stored under";
                let kind = DamageKind::Entry { expected };
                let is_its_own = item.key == entry.index.to_be_bytes();
                if is_its_own { Ok(entry) } else { Err(Damage { offset: item.offset, kind }) }
            });
            for damage in damages.take() {
                progress.damage(path, damage);
            }
            match entry {
                Ok(entry) if entry.index < progress.next => ControlFlow::Continue(()),
                Ok(entry) if !is_final && !progress.is_due(entry.index) => {
                    ended.set(Ended::Torn);
                    ControlFlow::Break(())
                }
                Ok(entry) => {
                    let flow = progress.give(entry);
                    if flow.is_break() {
                        ended.set(Ended::Asked);
                    }
                    flow
                }
                Err(damage) if is_final => {
                    progress.damage(path, damage);
                    ControlFlow::Continue(())
                }
                Err(_) => {
                    ended.set(Ended::Torn);
                    ControlFlow::Break(())
                }
            }
        },
    )?;
    for damage in damages.take() {
        progress.damage(path, damage);
    }
    Ok(ended.into_inner())
}

fn wal(folder: &Path, progress: &mut Progress<'_>) -> Result<(), Error> {
    let mut tries = 0;
    'again: loop {
        tries += 1;
        for info in segments(folder)? {
            if info.max_index.is_some_and(|max| max < progress.next) {
                continue;
            }
            let path = folder.join(info.file_name());
            let opened = File::open(&path).map_err(Error::from).and_then(Segment::open);
            let segment = match opened {
                Ok(segment) => segment,
                // Segments are removed once a snapshot is newer.
                Err(Error::Io(e)) if e.kind() == io::ErrorKind::NotFound && tries < TRIES => {
                    continue 'again;
                }
                Err(Error::Damage(damage)) => {
                    progress.damage(&path, damage);
                    continue;
                }
                Err(e) => return Err(e),
            };
            let range = info.min_index..=info.max_index.unwrap_or(u64::MAX);
            if wal_segment(&segment, &path, range, progress)?.is_break() {
                return Ok(());
            }
        }
        return Ok(());
    }
}

/// Passes on a segment's entries and reports how it ends. The last batch is read again while it may
/// still be written.
fn wal_segment(
    segment: &Segment<File>,
    path: &Path,
    range: RangeInclusive<u64>,
    progress: &mut Progress<'_>,
) -> Result<ControlFlow<()>, Error> {
    let mut from = 0;
    let most = if is_being_written(path) { TRIES } else { 1 };
    for tries in 1.. {
        let mut found = Vec::new();
        let mut findings = |finding| found.push(finding);
        let next = progress.next;
        let mut inner = Progress::new(next, progress.last, &mut findings, &mut *progress.each);
        let (flow, end) = segment_entries(segment, path, range.clone(), from, &mut inner)?;
        let (next_now, last_now) = (inner.next, inner.last);
        (progress.next, progress.last) = (next_now, last_now);
        let is_torn = |finding: &LogFinding| match finding {
            LogFinding::Damage { damage, .. } => damage.offset >= end,
            _ => false,
        };
        let is_changing = flow.is_continue() && found.iter().any(is_torn) && tries < most;
        if is_changing && (tries < 3 || progress.next > next) {
            let (_, whole): (Vec<_>, Vec<_>) = found.into_iter().partition(|finding| {
                is_torn(finding) || matches!(finding, LogFinding::Unacknowledged { .. })
            });
            whole.into_iter().for_each(&mut *progress.findings);
            from = end;
            std::thread::sleep(PAUSE);
            continue;
        }
        found.into_iter().for_each(&mut *progress.findings);
        return Ok(flow);
    }
    Ok(ControlFlow::Continue(()))
}

/// Passes on a segment's entries from the end of a commit on. Returns the end of the last good commit.
pub(crate) fn segment_entries(
    segment: &Segment<File>,
    path: &Path,
    range: RangeInclusive<u64>,
    from: u64,
    progress: &mut Progress<'_>,
) -> Result<(ControlFlow<()>, u64), Error> {
    let damages = std::cell::RefCell::new(Vec::new());
    let mut flow = ControlFlow::Continue(());
    let end = segment.walk_from(
        from,
        &mut |damage| {
            damages.borrow_mut().push(damage);
            ControlFlow::Continue(())
        },
        &mut |committed| {
            for damage in damages.take() {
                progress.damage(path, damage);
            }
            let entry = committed.entry;
            if entry.index < progress.next || !range.contains(&entry.index) {
                return ControlFlow::Continue(());
            }
            flow = progress.give(entry);
            flow
        },
    )?;
    for damage in damages.take().into_iter().chain(end.damage) {
        progress.damage(path, damage);
    }
    if end.uncommitted > 0 && flow.is_continue() {
        (progress.findings)(LogFinding::Unacknowledged { entries: end.uncommitted });
    }
    Ok((flow, end.offset))
}
