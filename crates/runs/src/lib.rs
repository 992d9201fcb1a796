//! Entries sorted by key in bounded memory.
//!
//! A [`Sorter`] keeps entries in memory as long as there is [`Room`], which sorters share. Beyond
//! that it writes them as a sorted run to a temporary file that has no name and belongs to its
//! owner alone, and [`Merge`] reads all runs in step. [`Groups`] adds up values by name on top of
//! that. Entries that fit into the room never touch a disk.

mod groups;
mod merge;
mod room;
mod run;
mod sorted;
mod sorter;

pub use groups::{Amount, Groups, Ranked, descending};
pub use merge::{Item, Merge};
pub use room::Room;
pub use sorted::Sorted;
pub use sorter::Sorter;
