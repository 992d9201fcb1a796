//! Rows of one kind out of a snapshot, in stored order, made on all workers.

use anyhow::Result;
use snapscope_analyze::{Fold, Jobs, Outcome, Problems, Stop, fold, ordered};
use snapscope_archive::{Blocks, Closing, StoppedAt};
use snapscope_decode::Frame;
use snapscope_objects::kinds::ObjectKind;
use snapscope_objects::row::{Reader, Row, RowOptions};
use std::io;
use std::ops::ControlFlow;

/// What a worker made of a block: one `T` for each row it keeps, and where to stop after that row.
struct Page<T> {
    reader: Option<Reader>,
    kept: Vec<(T, Stop)>,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self { reader: None, kept: Vec::new() }
    }
}

/// A join, fed by every worker.
struct JoinFold(Reader);

impl Fold for JoinFold {
    type Out = Reader;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        for problem in self.0.frame(frame, &mut |_| {}) {
            problems.add(frame, problem);
        }
    }

    fn merge(&mut self, other: Self) {
        self.0.merge(other.0);
    }

    fn finish(self, _: &Closing) -> Reader {
        self.0
    }
}

/// Reads all rows of a kind. `may` is a cheap test whether a record may yield a row
///
/// # Errors
/// What `take` fails with.
pub(crate) fn read<T: Send>(
    blocks: Blocks,
    jobs: Jobs,
    kind: &'static ObjectKind,
    options: &RowOptions,
    may: impl Fn(&Frame<'_>) -> bool + Sync,
    keep: impl Fn(&Row) -> Option<T> + Sync,
    mut take: impl FnMut(T) -> io::Result<ControlFlow<()>> + Send,
) -> Result<Outcome<()>> {
    if !kind.is_direct() {
        let outcome = fold(blocks, jobs, || JoinFold(Reader::new(kind, options.clone())));
        let mut taken = Ok(ControlFlow::Continue(()));
        outcome.out.finish(&mut |row| {
            if matches!(taken, Ok(ControlFlow::Continue(())))
                && let Some(kept) = keep(row)
            {
                taken = take(kept);
            }
        });
        let _ = taken?;
        let Outcome { closing, problems, .. } = outcome;
        return Ok(Outcome { out: (), closing, problems });
    }
    let outcome = ordered(
        blocks,
        jobs,
        |block, page: &mut Page<T>, problems| {
            page.kept.clear();
            let Page { reader, kept } = page;
            let reader = reader.get_or_insert_with(|| Reader::new(kind, options.clone()));
            for frame in block.frames().filter(&may) {
                let at = StoppedAt { record: frame.number, bytes: frame.offset + frame.size() };
                let first = kept.len();
                let found = reader.frame(&frame, &mut |row| {
                    kept.extend(keep(row).map(|kept| (kept, Stop { at, problems: 0 })));
                });
                for problem in found {
                    problems.add(&frame, problem);
                }
                for (_, stop) in kept.iter_mut().skip(first) {
                    stop.problems = problems.count;
                }
            }
        },
        |page| {
            for (kept, stop) in page.kept.drain(..) {
                if take(kept)?.is_break() {
                    return Ok(ControlFlow::Break(stop));
                }
            }
            Ok(ControlFlow::Continue(()))
        },
    )?;
    Ok(outcome)
}
