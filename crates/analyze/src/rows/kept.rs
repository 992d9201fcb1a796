//! Rows of one kind, passed to a closure.

use super::pass::{RowsOf, Sink, read};
use crate::drivers::{Jobs, Outcome, Stop};
use snapscope_archive::{Blocks, StoppedAt};
use snapscope_decode::Frame;
use snapscope_objects::kind::ObjectKind;
use snapscope_objects::row::{Row, RowOptions};
use std::io;
use std::marker::PhantomData;
use std::ops::ControlFlow;

struct Keep<M, K, T> {
    may: M,
    keep: K,
    kept: PhantomData<fn() -> T>,
}

/// The values kept from a block's rows, each with the record after which reading can stop.
struct Page<T> {
    kept: Vec<(T, Stop)>,
    /// The number of them with a known record.
    known: usize,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self { kept: Vec::new(), known: 0 }
    }
}

/// Values from rows of joins, which come last.
const NOWHERE: Stop = Stop { at: StoppedAt { record: 0, bytes: 0 }, problems: 0 };

impl<M, K, T> Sink for Keep<M, K, T>
where
    M: Fn(&Frame<'_>) -> bool + Sync,
    K: Fn(&Row) -> Option<T> + Sync,
    T: Send,
{
    type Page = Page<T>;

    fn record(&self, frame: &Frame<'_>, _: &mut Page<T>) -> bool {
        (self.may)(frame)
    }

    fn row(&self, _: usize, row: &Row, page: &mut Page<T>) {
        page.kept.extend((self.keep)(row).map(|kept| (kept, NOWHERE)));
    }

    fn after(&self, stop: Stop, page: &mut Page<T>) {
        page.kept.iter_mut().skip(page.known).for_each(|(_, known)| *known = stop);
        page.known = page.kept.len();
    }

    fn is_full(&self, page: &Page<T>) -> bool {
        !page.kept.is_empty()
    }
}

/// Reads all rows of a kind. `may` cheaply decides whether a record can have a matching row (joins
/// read all records regardless). `keep` runs on worker threads and selects the values to keep.
/// `take` gets them in stored order and can stop by returning `Break`.
///
/// # Errors
/// What `take` fails with.
pub fn kept<T: Send>(
    blocks: Blocks,
    jobs: Jobs,
    kind: &'static ObjectKind,
    options: &RowOptions,
    may: impl Fn(&Frame<'_>) -> bool + Sync,
    keep: impl Fn(&Row) -> Option<T> + Sync,
    mut take: impl FnMut(T) -> io::Result<ControlFlow<()>> + Send,
) -> io::Result<Outcome<()>> {
    let rows = [RowsOf { kind, options: options.clone() }];
    let sink = Keep { may, keep, kept: PhantomData };
    read(blocks, jobs, &rows, &sink, |page| {
        page.known = 0;
        for (kept, stop) in page.kept.drain(..) {
            if take(kept)?.is_break() {
                return Ok(ControlFlow::Break(stop));
            }
        }
        Ok(ControlFlow::Continue(()))
    })
}
