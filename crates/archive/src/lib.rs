//! Opens and checks the containers of a Consul snapshot as a stream.
//!
//! Containers are `.snap` files (gzip of a tar archive), plain tar, raft folders, data directories
//! and bare `state.bin` files. The content decides what a file is, not its name. Nothing is
//! unpacked to disk. Several cores inflate a `.snap` file while the thread that takes the blocks
//! hashes and splits.
//!
//! Whether the data can be trusted is a value returned at the end, not an error that ends the
//! reading: a wrong hash is reported, and the records are read all the same.
//!
//! ```
//! use snapscope_archive::{OpenOptions, Source, Verdict, open};
//!
//! // A bare state.bin: the header, then one record of type 16 (Index).
//! let state = b"\x81\xa9LastIndex\x07\x10\x82\xa3Key\xa3kvs\xa5Value\x07";
//! let mut blocks = open(&Source::Memory(state.as_slice().into()), &OpenOptions::default())?;
//! let records: usize = blocks.by_ref().map(|block| block.frames().len()).sum();
//! let closing = blocks.finish();
//! assert_eq!(records, 1);
//! assert_eq!(closing.integrity.verdict, Verdict::Unverified);
//! # Ok::<(), snapscope_archive::OpenError>(())
//! ```

mod blocks;
mod chunks;
mod counting;
mod finding;
mod gzip;
mod integrity;
mod limits;
mod meta;
mod packing;
mod parallel;
mod read_ahead;
mod read_full;
mod source;
mod sums;
mod tar;

pub use blocks::{Blocks, Closing, Hashing, OpenOptions, StoppedAt, open};
pub use finding::{Code, Finding, Place, Severity};
pub use gzip::{GzipReport, InflatePath};
pub use integrity::{Container, Crc64, Integrity, Member, Verdict};
pub use limits::Limits;
pub use meta::{Meta, Server};
pub use snapscope_inflate::{ReadAt, UNKNOWN_SIZE};
pub use source::{OpenError, Sibling, Source, Stream};
