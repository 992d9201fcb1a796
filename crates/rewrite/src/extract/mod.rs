//! Extracts part of a snapshot as a new snapshot.
//!
//! Two passes: [`plan`] collects dependencies and decides, [`extract`] copies. Records stay
//! unchanged except for cut references; extracting everything reproduces the same `state.bin`. If
//! keys are renamed, [`renamed`] takes another pass between the two.

mod apply;
mod decide;
mod facts;
mod id;
mod marks;
mod objects;
mod options;
mod parts;
mod plan;
mod references;
mod renamed;
mod report;
mod resource;
mod used;
mod wants;

pub use options::{ExtractOptions, TypeFilter, TypeFilterError};
pub use parts::{Choice, PARTS, Part};
pub use plan::{Plan, RenameError};
pub use references::{EntryName, needed_entries};
pub use renamed::{RenamedKeys, renamed};
pub use report::{Tally, TypeTally};
pub use used::Selection;

use apply::Applier;
use decide::Tester;
use facts::FactsFold;
use marks::Marks;
use renamed::Weaver;
use snapscope_analyze::{Jobs, Outcome, Problems, fold, ordered};
use snapscope_archive::Blocks;
use snapscope_decode::Block;
use std::collections::HashSet;
use std::io;
use std::ops::ControlFlow;
use used::UseFold;

/// Reads a snapshot and decides what to keep.
///
/// # Errors
/// If keys would get the names of other keys, or none.
pub fn plan(
    blocks: Blocks,
    jobs: Jobs,
    options: ExtractOptions,
) -> Result<Outcome<Plan>, RenameError> {
    let new = || (FactsFold::new(&options), UseFold::new(&options));
    let Outcome { out: (facts, mut unused), closing, problems } = fold(blocks, jobs, new);
    if facts.services.as_ref().is_some_and(HashSet::is_empty) {
        let tests = options.filters.iter().map(Tester::of).enumerate();
        let later = tests.filter(|(_, test)| test.is_later());
        unused.extend(later.map(|(at, _)| Selection::Filter(at)));
    }
    Ok(Outcome { out: Plan::new(options, facts, unused)?, closing, problems })
}

/// A worker's result for a block.
#[derive(Default)]
struct Work {
    records: Vec<u8>,
    tally: Tally,
    marks: Marks,
}

/// Reads the same snapshot again and passes the records that are kept to `sink`, in order, those of `renamed`
/// keys among the others.
///
/// # Errors
/// If `sink` fails, or the temporary file of renamed keys cannot be read.
pub fn extract(
    blocks: Blocks,
    jobs: Jobs,
    plan: &Plan,
    renamed: Option<&RenamedKeys>,
    mut sink: impl FnMut(&[u8]) -> io::Result<()> + Send,
) -> io::Result<Outcome<Tally>> {
    let mut tally = Tally::default();
    let mut weaver = renamed.map(Weaver::new).transpose()?;
    let map = |block: &Block, work: &mut Work, problems: &mut Problems| {
        work.records.clear();
        work.tally.clear();
        work.marks.clear();
        let mut applier = Applier::new(plan);
        for frame in block.frames() {
            let marks = renamed.map(|_| &mut work.marks);
            let applied = applier.apply(&frame, &mut work.records, marks, &mut work.tally);
            if let Err(error) = applied {
                problems.add(&frame, error);
            }
        }
    };
    let Outcome { closing, problems, .. } = ordered(blocks, jobs, map, |work| {
        tally.merge(&work.tally);
        match &mut weaver {
            Some(weaver) => weaver.write(&work.records, &work.marks, &mut sink)?,
            None => sink(&work.records)?,
        }
        Ok(ControlFlow::Continue(()))
    })?;
    if let Some(weaver) = weaver {
        weaver.finish(&mut sink)?;
    }
    Ok(Outcome { out: tally, closing, problems })
}
