#![doc = include_str!("../README.md")]
//!
//! The content decides what a file is, not its name. Nothing is unpacked to disk. Several cores inflate a `.snap` file
//! while the thread that takes the blocks hashes and splits.

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
pub use finding::{Code, Finding, FindingKind, Place};
pub use gzip::{GzipReport, InflatePath};
pub use integrity::{Container, Crc64, Integrity, Member, Verdict};
pub use limits::Limits;
pub use meta::{Meta, Server};
pub use snapscope_inflate::{ReadAt, UNKNOWN_SIZE, read_full};
pub use source::{OpenError, Sibling, Source, Stream, starts_like_a_snapshot};
