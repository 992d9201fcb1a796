#![doc = include_str!("../README.md")]
//!
//! Unchanged records stay byte for byte as a server wrote them.

mod edit;
pub mod extract;
mod meta;
mod pack;
pub mod redact;
mod salvage;
mod spool;
mod writer;

pub use meta::{made_meta, peers};
pub use pack::{Packing, RewriteError};
pub use salvage::{Lost, Salvage, SalvageReport};
pub use spool::spooled;
pub use writer::{Level, SnapshotWriter, WriteOptions, Written, state_header};
