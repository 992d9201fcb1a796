#![doc = include_str!("../README.md")]
//!
//! The last step of the data flow: records become rows ([`snapscope_objects::row`]), workers turn
//! rows into pieces of a format, and one writer puts the pieces in order into a file or folder with
//! a temporary name. It gets its own name once it is complete and on disk. If anything fails
//! before, the target does not appear.
//!
//! From a damaged snapshot everything readable is exported, and each format marks the export as
//! incomplete; see [`FORMATS`].

mod acl;
#[cfg(feature = "columnar")]
mod columnar;
mod config_entries;
mod csv;
mod error;
mod exceptions;
mod file_name;
#[cfg(feature = "columnar")]
pub mod fleet;
mod formats;
mod jsonl;
mod kv_json;
mod layout;
mod new_files;
mod options;
mod pass;
mod patch;
mod sqlite;
mod standard_output;
mod target;
mod writer;

#[cfg(feature = "columnar")]
pub use columnar::{AnswerFile, columnar_schema};
pub use error::ExportError;
pub use formats::{FORMATS, Format, FormatSpec};
pub use layout::Layout;
pub use options::ExportOptions;
pub use pass::{Export, ExportReport};
pub use patch::files as patch_files;
pub use patch::{CompletePatch, Patch, PatchCounts};
pub use sqlite::schema as sqlite_schema;
pub use writer::incomplete_line;
