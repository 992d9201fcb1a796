//! Renamed keys, in the positions where the new names belong: servers write keys in order.
//!
//! Their records are collected in a pass of their own, sorted in bounded memory, and merged into
//! the stream of all others while that is written.

use super::apply::Applier;
use super::marks::{Mark, Marks, SECTIONS};
use super::plan::Plan;
use snapscope_analyze::{Fold, Jobs, Outcome, Problems, fold};
use snapscope_archive::{Blocks, Closing};
use snapscope_decode::{Frame, Kind};
use snapscope_runs::{Merge, Room, Sorted, Sorter};
use std::io;

/// Records with renamed keys, by section, in the order of the new names.
#[derive(Debug)]
pub struct RenamedKeys([Sorted; 2]);

/// Reads the snapshot to collect the records of renamed keys.
///
/// # Errors
/// If they cannot be sorted because the temporary file cannot be written.
pub fn renamed(blocks: Blocks, jobs: Jobs, plan: &Plan) -> io::Result<Outcome<RenamedKeys>> {
    let room = Room::new(Room::LIMIT);
    let Outcome { out, closing, problems } = fold(blocks, jobs, || Collect {
        applier: Applier::new(plan),
        sorters: Ok(SECTIONS.map(|_| Sorter::new(&room))),
        record: Vec::new(),
    });
    let [keys, tombstones] = out?;
    Ok(Outcome { out: RenamedKeys([keys.finish()?, tombstones.finish()?]), closing, problems })
}

/// The fold of that pass. An error ends it.
struct Collect<'p> {
    applier: Applier<'p>,
    sorters: io::Result<[Sorter; 2]>,
    record: Vec<u8>,
}

impl Collect<'_> {
    fn take(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        let section = SECTIONS.iter().position(|section| *section == frame.kind);
        let (Some(section), Ok(sorters)) = (section, &mut self.sorters) else { return Ok(()) };
        self.record.clear();
        let Some(key) = self.applier.renamed(frame, &mut self.record) else { return Ok(()) };
        match sorters.get_mut(section) {
            Some(sorter) => sorter.push(&key, &self.record),
            None => Ok(()),
        }
    }
}

impl Fold for Collect<'_> {
    type Out = io::Result<[Sorter; 2]>;

    fn frame(&mut self, frame: &Frame<'_>, _: &mut Problems) {
        if let Err(e) = self.take(frame) {
            self.sorters = Err(e);
        }
    }

    fn merge(&mut self, other: Self) {
        let merged = match (&mut self.sorters, other.sorters) {
            (Ok(mine), Ok(theirs)) => {
                mine.iter_mut().zip(theirs).try_for_each(|(mine, theirs)| mine.absorb(theirs))
            }
            (Ok(_), Err(e)) => Err(e),
            (Err(_), _) => Ok(()),
        };
        if let Err(e) = merged {
            self.sorters = Err(e);
        }
    }

    fn finish(self, _: &Closing) -> Self::Out {
        self.sorters
    }
}

/// Merges renamed records into the others.
pub(super) struct Weaver<'r> {
    streams: [Stream<'r>; 2],
    section: Option<Kind>,
}

/// The renamed records of a section, with the next one.
struct Stream<'r> {
    records: Merge<'r>,
    next: Option<(Vec<u8>, Vec<u8>)>,
}

impl Stream<'_> {
    fn advance(&mut self) -> io::Result<()> {
        let next = self.records.next()?;
        self.next = next.map(|item| (item.key.to_vec(), item.value.to_vec()));
        Ok(())
    }

    /// Writes the records up to a key, or all remaining ones.
    fn write(
        &mut self,
        below: Option<&[u8]>,
        sink: &mut impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        while let Some((key, record)) = &self.next
            && below.is_none_or(|below| key.as_slice() < below)
        {
            sink(record)?;
            self.advance()?;
        }
        Ok(())
    }

    fn is_due(&self, key: &[u8]) -> bool {
        self.next.as_ref().is_some_and(|(next, _)| next.as_slice() < key)
    }
}

impl<'r> Weaver<'r> {
    pub(super) fn new(renamed: &'r RenamedKeys) -> io::Result<Self> {
        let stream = |sorted: &'r Sorted| {
            let mut stream = Stream { records: sorted.entries()?, next: None };
            stream.advance()?;
            io::Result::Ok(stream)
        };
        let [keys, tombstones] = &renamed.0;
        Ok(Self { streams: [stream(keys)?, stream(tombstones)?], section: None })
    }

    fn stream(&mut self, kind: Kind) -> Option<&mut Stream<'r>> {
        let at = SECTIONS.iter().position(|section| *section == kind)?;
        self.streams.get_mut(at)
    }

    /// Writes a block's records, and before each the renamed ones that precede it.
    pub(super) fn write(
        &mut self,
        records: &[u8],
        marks: &Marks,
        sink: &mut impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut done = 0;
        for Mark { start, kind, key } in &marks.marks {
            let ends = self.section.filter(|section| section != kind);
            let is_due = |stream: &mut Stream<'_>| key.as_deref().is_some_and(|k| stream.is_due(k));
            if ends.is_some() || self.stream(*kind).is_some_and(is_due) {
                sink(records.get(done..*start).unwrap_or(&[]))?;
                done = *start;
                if let Some(stream) = ends.and_then(|section| self.stream(section)) {
                    stream.write(None, sink)?;
                }
                if let (Some(stream), Some(key)) = (self.stream(*kind), key) {
                    stream.write(Some(key), sink)?;
                }
            }
            self.section = Some(*kind);
        }
        sink(records.get(done..).unwrap_or(&[]))
    }

    /// Writes the remaining records.
    pub(super) fn finish(
        mut self,
        sink: &mut impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        self.streams.iter_mut().try_for_each(|stream| stream.write(None, sink))
    }
}
