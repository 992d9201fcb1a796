//! One pass over the records of a snapshot.

use crate::drivers::{Jobs, Outcome, Problems, Stop, ordered};
use snapscope_archive::{Blocks, StoppedAt};
use snapscope_decode::{Block, Frame, Kind};
use snapscope_objects::kind::ObjectKind;
use snapscope_objects::render::{Problem, RecordFields};
use snapscope_objects::row::{Reader, Row, RowOptions};
use std::io;
use std::ops::ControlFlow;
use std::sync::{Mutex, PoisonError};

/// The rows to read.
#[derive(Debug, Clone)]
pub struct RowsOf {
    /// Their kind.
    pub kind: &'static ObjectKind,
    /// Local or imported objects, and which fields to render.
    pub options: RowOptions,
}

/// Consumes rows. A worker fills a page with the rows of a block; empty pages are reused.
pub trait Sink: Sync {
    /// A page.
    type Page: Default + Send;

    /// Whether a record can have matching rows. Joins read all records regardless.
    fn record(&self, frame: &Frame<'_>, page: &mut Self::Page) -> bool;

    /// Takes a record's single object without making a row. Returns its problems, or `None` if this
    /// is not possible. `of` is the position among the requested [`RowsOf`].
    fn whole(
        &self,
        _of: usize,
        _record: &RecordFields<'_>,
        _page: &mut Self::Page,
    ) -> Option<Vec<Problem>> {
        None
    }

    /// Takes a row.
    fn row(&self, of: usize, row: &Row, page: &mut Self::Page);

    /// The current record has no more rows; reading could stop after it.
    fn after(&self, _stop: Stop, _page: &mut Self::Page) {}

    /// Whether a page must be taken before more rows of a join are added.
    fn is_full(&self, _page: &Self::Page) -> bool {
        false
    }
}

/// Reads rows of some kinds. `take` gets the pages and empties them; it can stop by returning the
/// last record that it needs.
///
/// # Errors
/// What `take` fails with.
pub fn read<S: Sink>(
    blocks: Blocks,
    jobs: Jobs,
    rows: &[RowsOf],
    sink: &S,
    mut take: impl FnMut(&mut S::Page) -> io::Result<ControlFlow<Stop>> + Send,
) -> io::Result<Outcome<()>> {
    let readers = Readers::new(rows);
    let outcome = ordered(
        blocks,
        jobs,
        |block, page: &mut S::Page, problems| readers.read(block, sink, page, problems),
        &mut take,
    )?;
    readers.finish(sink, take)?;
    Ok(outcome)
}

/// The readers that workers borrow for a block.
///
/// A pool, because the state of joins must outlive the workers.
struct Readers<'r> {
    rows: &'r [RowsOf],
    /// For each record type, the kinds that read it.
    of_type: Vec<Vec<usize>>,
    /// Whether records must be read even if no row matches.
    has_join: bool,
    pool: Mutex<Vec<Vec<Reader>>>,
}

impl<'r> Readers<'r> {
    fn new(rows: &'r [RowsOf]) -> Self {
        let is_for = |kind: Kind| {
            let wanted = |(at, of): (usize, &RowsOf)| of.kind.from.contains(&kind).then_some(at);
            rows.iter().enumerate().filter_map(wanted).collect()
        };
        let of_type = (0..=u8::MAX).map(|byte| is_for(Kind(byte))).collect();
        let has_join = rows.iter().any(|of| !of.kind.is_direct());
        Self { rows, of_type, has_join, pool: Mutex::default() }
    }

    fn pool(&self) -> std::sync::MutexGuard<'_, Vec<Vec<Reader>>> {
        self.pool.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read<S: Sink>(&self, block: &Block, sink: &S, page: &mut S::Page, problems: &mut Problems) {
        // A separate statement, so that the pool is unlocked before the block is read.
        let taken = self.pool().pop();
        let mut readers = taken.unwrap_or_else(|| {
            self.rows.iter().map(|of| Reader::new(of.kind, of.options.clone())).collect()
        });
        for frame in block.frames() {
            let may = sink.record(&frame, page);
            let Some(kinds) = self.of_type.get(usize::from(frame.kind.0)) else { continue };
            if kinds.is_empty() || !(may || self.has_join) {
                continue;
            }
            let record = RecordFields::new(frame);
            let mut told = false;
            for &at in kinds {
                let Some(reader) = readers.get_mut(at) else { continue };
                let found = match sink.whole(at, &record, page) {
                    Some(found) => found,
                    None => reader.record(&record, &mut |row| sink.row(at, row, page)),
                };
                // Several kinds can read a record; its problems count once.
                if !told && !found.is_empty() {
                    told = true;
                    found.into_iter().for_each(|problem| problems.add(&frame, problem));
                }
            }
            let at = StoppedAt { record: frame.number, bytes: frame.offset + frame.size() };
            sink.after(Stop { at, problems: problems.count }, page);
        }
        self.pool().push(readers);
    }

    /// Emits the rows of joins.
    fn finish<S: Sink>(
        self,
        sink: &S,
        mut take: impl FnMut(&mut S::Page) -> io::Result<ControlFlow<Stop>>,
    ) -> io::Result<()> {
        let mut merged: Vec<Option<Reader>> = self.rows.iter().map(|_| None).collect();
        for set in self.pool().drain(..) {
            for (all, reader) in merged.iter_mut().zip(set) {
                match all {
                    Some(all) => all.merge(reader),
                    None => *all = Some(reader),
                }
            }
        }
        let mut page = S::Page::default();
        for (at, reader) in merged.into_iter().enumerate() {
            let Some(reader) = reader.filter(|_| self.rows.get(at).is_some_and(RowsOf::is_join))
            else {
                continue;
            };
            let mut taken = Ok(ControlFlow::Continue(()));
            reader.finish(&mut |row| {
                if matches!(taken, Ok(ControlFlow::Continue(()))) {
                    sink.row(at, row, &mut page);
                    if sink.is_full(&page) {
                        taken = take(&mut page);
                    }
                }
            });
            if taken?.is_break() || take(&mut page)?.is_break() {
                break;
            }
        }
        Ok(())
    }
}

impl RowsOf {
    fn is_join(&self) -> bool {
        !self.kind.is_direct()
    }
}
