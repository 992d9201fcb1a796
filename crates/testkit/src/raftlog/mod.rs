//! Raft logs as servers store them, written without the reader of the project: bbolt files, raft-wal
//! segments, and entries to fill them with.

mod bolt;
mod commands;
mod entry;
mod wal;
mod writes;

pub use bolt::{BoltFile, write_bolt};
pub use commands::{command, raft_db};
pub use entry::LogEntry;
pub use wal::{WalOptions, write_wal};
pub use writes::Writes;
