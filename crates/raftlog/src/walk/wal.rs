//! Walks over the segments of raft-wal.

use super::changing::{PAUSE, TRIES, is_being_written};
use super::progress::Progress;
use crate::error::{Damage, DamageKind, Error};
use crate::finding::LogFinding;
use crate::log::{LIST, Segments, segments};
use crate::wal::Segment;
use std::fs::File;
use std::io;
use std::ops::{ControlFlow, RangeInclusive};
use std::path::Path;

pub(super) fn wal(folder: &Path, progress: &mut Progress<'_>) -> Result<(), Error> {
    let mut tries = 0;
    'again: loop {
        tries += 1;
        let Segments { list, problem } = segments(folder)?;
        if let Some(problem) = problem.filter(|_| tries == 1) {
            (progress.findings)(LogFinding::NoList { file: folder.join(LIST), problem });
        }
        for info in list {
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
                Err(Error::Io(e)) if e.kind() == io::ErrorKind::NotFound => {
                    progress.damage(&path, Damage { offset: 0, kind: DamageKind::NoSegment });
                    continue;
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
