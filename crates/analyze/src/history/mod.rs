//! The history of objects across a series of snapshots.
//!
//! A [`Question`] selects objects, and [`Collect`] collects them from a snapshot. [`Seen`] is the
//! result, sorted by ID, on disk if it is too large for memory. [`lives`] reads the results of all
//! snapshots of one cluster in step and reports the events of each object: between which two
//! snapshots, and at which raft index if the later one or a tombstone shows it.
//!
//! Snapshots do not show who changed an object, nor its states between two snapshots. Of several
//! changes between them only the last one is visible.

mod collect;
mod life;
mod lives;
mod seen;
mod stored;
mod tombstones;

pub use crate::rows::{Fit, IdQuery, Question};
pub use collect::Collect;
pub use collect::Found;
pub use life::{Event, EventKind};
pub use lives::{Lives, lives};
pub use seen::{Chosen, Meant, Seen, choose};
pub use tombstones::Deletion;

use crate::drivers::Jobs;
use crate::series::{Named, Series, read};
use snapscope_archive::OpenOptions;
use snapscope_runs::Room;
use std::collections::BTreeMap;
use std::io;

/// Reads some snapshots again, as [`Chosen::AskAgain`] requires: those at the indexes `at` of
/// `named`. A snapshot that can be read only once stays as it is, and shows nothing about objects
/// that were not found in it.
///
/// # Errors
/// If data that does not fit in memory cannot be written to disk.
pub fn ask_again(
    question: &Question,
    named: &[Named],
    at: &[usize],
    jobs: Jobs,
    options: &OpenOptions,
    room: &Room,
    series: &mut Series<Seen>,
) -> io::Result<()> {
    let again = |at: &usize| Some((*at, named.get(*at).filter(|named| named.source.reopenable())?));
    let (places, again): (Vec<usize>, Vec<&Named>) = at.iter().filter_map(again).unzip();
    let new = || Collect::new(question, room);
    let answers = read(&again, jobs, options, new, |_, found| found.seen());
    let mut answers: BTreeMap<usize, _> = places.into_iter().zip(answers).collect();
    for snapshot in series.clusters.iter_mut().flat_map(|cluster| &mut cluster.snapshots) {
        match answers.remove(&snapshot.at) {
            Some(Ok(outcome)) => snapshot.out.complete(outcome.out.1?),
            // It existed a moment ago.
            Some(Err(_)) => snapshot.out.not_asked_again(),
            None if at.contains(&snapshot.at) => snapshot.out.not_asked_again(),
            None => {}
        }
    }
    Ok(())
}
