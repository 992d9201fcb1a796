#![doc = include_str!("../README.md")]
//!
//! [`StagedFile`] and [`StagedFolder`] are written under a hidden name beside their own, readable
//! only by their owner, and renamed once they are complete and on disk. Dropping one removes it. A
//! killed process cannot do that, so the next process that stages the same name removes the
//! leftovers. A lock, which ends with the process, distinguishes leftovers from files still being
//! written. To handle signals, see [`remove_on_signals`].

mod error;
mod file;
mod folder;
mod leftovers;
mod pages;
mod registry;
mod signals;
mod write_behind;

pub use error::StageError;
pub use file::StagedFile;
pub use folder::{StagedFolder, create_folder_in, create_in};
pub use leftovers::{Leftover, leftovers};
pub use signals::remove_on_signals;
pub use write_behind::WriteBehind;

use std::fs::File;
use std::io;
use std::path::Path;

/// Returns the folder that contains `target`.
fn folder_of(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Whether an error about a name means that it is free. A missing folder is reported when the file is
/// created.
fn is_free(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// A new name is on disk only once its folder is flushed. Not every system can open folders as
/// files.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
