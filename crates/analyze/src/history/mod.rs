//! The lives of objects over a series of snapshots.
//!
//! A [`Question`] says which objects; [`Collect`] takes out of a snapshot what it says of them,
//! [`Seen`] is that in the order of ids, on the disk if it is too much for the memory, and [`lives`]
//! reads it of all snapshots of one cluster in step and tells what became of each object and when:
//! between which two snapshots, and at which raft index if the later one, or a tombstone, says so.
//!
//! What a snapshot can't tell: who did it, and what an object was between two snapshots. If it was
//! changed twice there, the last change is seen as the only one.

mod collect;
mod life;
mod lives;
mod seen;
mod stored;
mod tombstones;

pub use crate::rows::{Question, Wanted};
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

/// Asks some snapshots again, as [`Chosen::AskAgain`] says: those at the places `at` among `named`.
/// What can be read only once is left as it is, and then says nothing of objects it wasn't seen to
/// have.
///
/// # Errors
/// When what has no room in memory can't be written to the disk.
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
            // It was there a moment ago.
            Some(Err(_)) => snapshot.out.not_asked_again(),
            None if at.contains(&snapshot.at) => snapshot.out.not_asked_again(),
            None => {}
        }
    }
    Ok(())
}
