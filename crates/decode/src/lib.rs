//! Decodes the bytes of a Consul snapshot's `state.bin` into borrowed records.
//!
//! No I/O, no copies of keys or values, and no panic on any input. A caller can stop at each of
//! three levels:
//!
//! - [`Frame`]: a whole record, its type and its bytes ([`Splitter`] for a stream, [`frames_of`]
//!   for bytes in memory);
//! - [`Value`]: any msgpack value, walked lazily;
//! - [`Record`]: the record's struct, typed, its unknown fields kept.
//!
//! ```
//! use snapscope_decode::{frames_of, records::Record};
//!
//! // Type 2 (KVS), then a map of what is stored with a key; fields not stored read as zero.
//! let bytes = b"\x02\x83\xa5Flags\x2a\xa3Key\xa9app/color\xa5Value\xa4blue";
//! for frame in frames_of(bytes) {
//!     if let Record::Kv(kv) = frame?.record()? {
//!         assert_eq!(kv.key.lossy(), "app/color");
//!         assert_eq!((kv.value.0, kv.flags), (&b"blue"[..], 42));
//!     }
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

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
