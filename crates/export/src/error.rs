//! Why there is no export.

use snapscope_objects::filter::FilterError;
use snapscope_staged::StageError;
use std::io;
use std::path::{Path, PathBuf};

/// Why there is no export. Nothing stands under its name then, or what stood there before.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The format can't carry a kind.
    #[error("{format} carries no {kind}; it takes {}", takes.join(", "))]
    Kind {
        /// The format.
        format: &'static str,
        /// The kind.
        kind: &'static str,
        /// What it can carry.
        takes: Vec<&'static str>,
    },
    /// A prefix is given for objects that have no keys.
    #[error("{0} have no keys, so --prefix says nothing about them")]
    Prefix(&'static str),
    /// The filter does not fit a kind.
    #[error("the filter doesn't fit {kind} (--type chooses what is exported): {error}")]
    Filter {
        /// The kind.
        kind: &'static str,
        /// What is wrong.
        error: FilterError,
    },
    /// The format can't be written to standard output.
    #[error("{0} can't be written to standard output; give --out a path (./- is a file named -)")]
    StandardOutput(&'static str),
    /// Keys that can't be imported are to be left out of a format that nobody imports keys from.
    #[error("--skip-unimportable is for kv-json, not for {0}")]
    SkipUnimportable(&'static str),
    /// There can be no file or folder of that name.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// The system refuses something.
    #[error("{}", path.display())]
    Io {
        /// Of which file.
        path: PathBuf,
        /// What it says.
        #[source]
        error: io::Error,
    },
}

impl ExportError {
    /// An error of the system about a path.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io { path, error }
    }
}
