//! The lives of objects over a series of snapshots.
//!
//! A [`Question`] says which objects; [`Question::ask`] collects their states out of every
//! snapshot, [`lives`] tells from the states of one cluster what became of each object and when:
//! between which two snapshots, and at which raft index if the later one, or a tombstone, says so.
//!
//! What a snapshot can't tell: who did it, and what an object was between two snapshots. If it was
//! changed twice there, the last change is seen as the only one.

mod collect;
mod life;
mod states;
mod tombstones;
mod wanted;

pub use collect::Collect;
pub use life::{Deletion, Event, EventKind, Life, lives};
pub use states::{Chosen, Seen, States};
pub use wanted::{Question, Wanted};
