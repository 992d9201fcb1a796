//! Cuts a stream of bytes into whole records.
//!
//! `state.bin` is a header and then records, each a type byte and one msgpack value, with no
//! lengths between them. So where a record ends is known only after walking its value, and the
//! [`Splitter`] does just that: buffers in, [`Block`]s of whole records out.

mod block;
mod buffer;
mod damage;
mod frame;
mod index_table;
mod kind;
mod splitter;

pub use block::{Block, Frames};
pub use buffer::{Buffer, BufferPool};
pub use damage::{Damage, DamageKind};
pub use frame::{Frame, frames_of};
pub use index_table::{Bounded, INDEX_TABLES, IndexTable};
pub use kind::{Body, KINDS, Kind, KindInfo, Section};
pub use splitter::{Header, Limits, Splitter};
