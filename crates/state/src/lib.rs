#![doc = include_str!("../README.md")]
//!
//! ```text
//! log entries  -> Touched   which keys they name
//! snapshot     -> Loading   the records that are held: all but keys that no entry touches
//! log entries  -> Machine   applied as servers do; what each did is an Effect
//! snapshot     -> Merge     read again: what stayed, and what is held, in order
//! ```
//!
//! Memory use depends on the keys that the entries touch and on the number of other records. Record
//! types that may differ from the servers' state are listed by [`Machine::inexact`]; nothing is
//! guessed.

mod apply;
mod base;
mod describe;
mod document;
mod emit;
mod entry_hash;
mod identities;
mod machine;
mod rules;
mod same;
mod table;
mod tables;
mod touched;

pub use base::{Loaded, Loading};
pub use describe::{Operation, operations, token_secret};
pub use document::Refused;
pub use emit::Merge;
pub use identities::{Identities, Identity};
pub use machine::{Effect, Machine};
pub use same::{same, same_record};
pub use table::Table;
pub use touched::Touched;
