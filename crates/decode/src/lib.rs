#![doc = include_str!("../README.md")]
//!
//! A caller can stop at each of three levels:
//!
//! - [`Frame`]: a whole record, its type and its bytes ([`Splitter`] for a stream, [`frames_of`]
//!   for bytes in memory);
//! - [`Value`]: any msgpack value, walked lazily;
//! - [`Record`]: the record's struct, typed, its unknown fields kept.

#[rustfmt::skip] // generated as it is
mod generated;
pub mod protobuf;
pub mod records;
pub mod schema;
pub mod stream;
pub mod text;
pub mod time;
pub mod version;
pub mod wire;

pub use records::Record;
pub use schema::FieldError;
pub use stream::{
    Block, Buffer, BufferPool, Damage, DamageKind, Frame, Header, Kind, Limits, Splitter, frames_of,
};
pub use time::GoTime;
pub use version::{ServerVersion, VersionRange};
pub use wire::{Value, WireError, WireErrorKind};
