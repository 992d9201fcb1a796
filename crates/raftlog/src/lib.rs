//! The Raft log of a Consul server, read from its data directory.
//!
//! ```text
//! raft/raft.db   -> bbolt::Database -> bucket "logs" -> key and value --+
//! raft/wal/*.wal -> wal::Segment    -> frames of good commits ----------+-> Entry
//! ```
//!
//! Read-only and without the files' locks, so that it works beside a running server and on copies.
//! Everything read is checked: damage is a value with its offset, and nothing panics. Entries are borrowed
//! from the page or segment they lie in.
//!
//! Nothing on disk says which entries are committed. The end of a follower's log may hold some that never
//! were.

pub mod bbolt;
mod chunks;
mod command;
mod entry;
mod error;
mod log;
mod storage;
pub mod wal;
mod walk;

pub use chunks::{Assembled, Chunks, PendingOperation};
pub use command::{Command, Member, members};
pub use entry::{Chunk, Entry, EntryKind};
pub use error::{Damage, DamageKind, Error};
pub use log::{Extent, RaftLog, Store, Tail};
pub use storage::ReadAt;
pub use walk::LogFinding;
