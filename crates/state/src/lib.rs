#![doc = include_str!("../README.md")]
//!
//! ```text
//! log entries  -> Touched   which keys they name
//! snapshot     -> Loading   the records that are held: of large tables only what entries touch
//! log entries  -> Machine   applied as servers do; what each did is an Effect
//! snapshot     -> Merge     read again: what stayed, and what is held, in order
//! ```
//!
//! Keys, tombstones, sessions, tokens, coordinates, and nodes with their services and checks are
//! held only if entries touch them. All other records are always held. [`Machine::inexact`] lists
//! the record types that may differ from the servers' state; nothing is guessed.

mod apply;
mod applying;
mod ascending;
mod base;
mod chain_links;
mod changes;
mod describe;
mod document;
mod emit;
mod entry_hash;
mod identities;
mod index_table;
mod instances;
mod joined;
mod kv_request;
mod linked_keys;
mod machine;
mod node_group;
mod rows;
mod rules;
mod same;
mod table;
mod tables;
mod touched;
mod undo;

pub use applying::Effect;
pub use base::{Loaded, Loading};
pub use changes::Changes;
pub use describe::{Described, Operation};
pub use document::Refused;
pub use emit::Merge;
pub use identities::{Identities, Identity};
pub use joined::Joined;
pub use machine::Machine;
pub use same::{same, same_record};
pub use table::Table;
pub use touched::Touched;
pub use undo::{InTheWay, Undo, Undone};
