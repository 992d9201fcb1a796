//! Exports snapshots to the formats of other tools: one file per format.
//!
//! The last step of the data flow: records become rows ([`snapscope_objects::row`]), workers turn
//! rows into pieces of a format, and one writer puts the pieces in order into a file or folder with
//! a temporary name. It gets its own name once it is complete and on disk. If anything fails
//! before, the target does not appear.
//!
//! From a damaged snapshot everything readable is exported, and each format marks the export as
//! incomplete; see [`FORMATS`].
//!
//! ```
//! use snapscope_analyze::Jobs;
//! use snapscope_archive::{OpenOptions, Source, open};
//! use snapscope_export::{Export, ExportOptions, Format};
//!
//! let folder = tempfile::tempdir()?;
//! let out = folder.path().join("keys.json");
//! let options = ExportOptions::new(Format::KvJson, &out);
//! let export = Export::prepare(&options)?;
//!
//! let state = b"\x81\xa9LastIndex\x07\x02\x83\xa5Flags\x2a\xa3Key\xa5color\xa5Value\xa4blue";
//! let blocks = open(&Source::Memory(state.as_slice().into()), &OpenOptions::default())?;
//! let report = export.run(blocks, Jobs::default())?;
//! assert_eq!(report.rows, [("kv", 1)]);
//! assert_eq!(
//!     std::fs::read_to_string(&out)?,
//!     "[\n\t{\n\t\t\"key\": \"color\",\n\t\t\"flags\": 42,\n\t\t\"value\": \"Ymx1ZQ==\"\n\t}\n]\n"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod acl;
mod config_entries;
mod csv;
mod error;
mod exceptions;
mod file_name;
mod formats;
mod jsonl;
mod kv_json;
mod new_files;
mod options;
mod pages;
mod pass;
mod patch;
mod place;
mod sqlite;
mod target;
mod write_behind;
mod writer;

pub use error::ExportError;
pub use formats::{FORMATS, Format, FormatSpec};
pub use options::ExportOptions;
pub use pass::{Export, ExportReport};
pub use patch::Patch;
pub use place::Place;
pub use sqlite::schema as sqlite_schema;
