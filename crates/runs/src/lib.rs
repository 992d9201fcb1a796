#![doc = include_str!("../README.md")]
//!
//! [`Sorter`]s share [`Room`]; [`Merge`] reads all runs in step. The temporary file has no name and belongs to its owner
//! alone. [`Groups`] adds up values by name on top of that. Entries that fit into the room never touch a disk.

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
