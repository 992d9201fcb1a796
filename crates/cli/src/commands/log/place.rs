//! Where a log is.

use clap::Args;
use std::path::{Path, PathBuf};

/// The argument of commands about a log.
#[derive(Debug, Clone, Args)]
pub(crate) struct PlaceArg {
    /// A server's data directory, its raft folder, a raft.db, or a wal folder; the server may be
    /// running
    #[arg(value_name = "DATA_DIR")]
    place: PathBuf,
}

impl PlaceArg {
    pub(crate) fn path(&self) -> &Path {
        &self.place
    }
}
