#![doc = include_str!("../README.md")]
//!
//! ```text
//! raft/raft.db   -> bbolt::Database -> bucket "logs" -> key and value --+
//! raft/wal/*.wal -> wal::Segment    -> frames of good commits ----------+-> Entry
//! ```
//!
//! All data is checked, and nothing panics. Entries are borrowed from their page or segment.
//!
//! The files do not record which entries are committed. The end of a follower's log can contain
//! entries that never were.

pub mod bbolt;
mod carve;
mod chunks;
mod command;
mod entry;
mod error;
mod finding;
mod follow;
mod log;
mod storage;
pub mod wal;
mod walk;

pub use carve::Carved;
pub use chunks::{Assembled, Chunks, PendingOperation};
pub use command::{Command, Member, members};
pub use entry::{Chunk, Entry, EntryKind};
pub use error::{Damage, DamageKind, Error};
pub use finding::LogFinding;
pub use follow::Follower;
pub use log::{Extent, ListProblem, RaftLog, Store, Tail};
pub use storage::ReadAt;
