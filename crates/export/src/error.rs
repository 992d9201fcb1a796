//! Errors of exports.

use snapscope_objects::filter::FilterError;
use snapscope_staged::StageError;
use std::io;
use std::path::{Path, PathBuf};

/// Why an export failed. The target then does not exist, or is unchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportError {
    /// The format does not support a kind.
    #[error("{format} does not support {kind}; it supports {}", takes.join(", "))]
    Kind {
        /// The format.
        format: &'static str,
        /// The kind.
        kind: &'static str,
        /// The kinds it supports.
        takes: Vec<&'static str>,
    },
    /// A prefix is given for objects that have no keys.
    #[error("--prefix does not apply to {0}, which have no keys")]
    Prefix(&'static str),
    /// The filter is not valid for a kind.
    #[error("the filter is not valid for {kind} (--type selects what is exported): {error}")]
    Filter {
        /// The kind.
        kind: &'static str,
        /// What is wrong.
        error: FilterError,
    },
    /// The format cannot be written to standard output.
    #[error("cannot write {0} to standard output; pass a path to --out (./- is a file named -)")]
    StandardOutput(&'static str),
    /// `--skip-unimportable` with a format that `consul kv import` does not read.
    #[error("--skip-unimportable works with kv-json, not with {0}")]
    SkipUnimportable(&'static str),
    /// The target cannot be created.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// The system refuses an operation.
    #[error("{}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        #[source]
        error: io::Error,
    },
}

impl ExportError {
    /// Wraps a system error about a path.
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io { path, error }
    }
}
