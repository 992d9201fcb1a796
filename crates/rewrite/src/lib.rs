//! Writes Consul snapshots that servers restore, from the content of other snapshots.
//!
//! Records are copied as bytes. Unchanged records stay byte for byte as a server wrote them, and
//! the same input yields the same file for any number of threads.
//!
//! ```
//! use snapscope_archive::{Meta, OpenOptions, Source, Verdict, open};
//! use snapscope_rewrite::{SnapshotWriter, WriteOptions, state_header};
//! use std::io::Cursor;
//!
//! let meta = br#"{"Version":1,"ID":"2-9-1795403316736","Index":9,"Term":2,"Peers":"",
//!     "Configuration":{"Servers":[]},"ConfigurationIndex":1,"Size":0}"#;
//! let meta = Meta::parse(meta)?;
//! let file = Cursor::new(Vec::new());
//! let mut writer = SnapshotWriter::begin(file, &meta.object, &WriteOptions::default())?;
//! writer.append(&state_header(7))?;
//! writer.append(b"\x10\x82\xa3Key\xa3kvs\xa5Value\x07")?;
//! let (file, written) = writer.finish()?;
//!
//! let mut blocks = open(&Source::Memory(file.into_inner().into()), &OpenOptions::default())?;
//! assert_eq!(blocks.by_ref().count(), 1);
//! let closing = blocks.finish();
//! assert_eq!(closing.integrity.verdict, Verdict::Verified);
//! assert_eq!(closing.integrity.actual_size, written.state_size);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod edit;
pub mod extract;
mod meta;
mod pack;
pub mod redact;
mod salvage;
mod spool;
mod writer;

pub use meta::made_meta;
pub use pack::{Packing, RewriteError};
pub use salvage::{Lost, Salvage, SalvageReport};
pub use spool::spooled;
pub use writer::{Level, SnapshotWriter, WriteOptions, Written, state_header};
