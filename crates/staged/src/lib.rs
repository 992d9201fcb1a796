//! Files and folders that appear under their names whole or not at all.
//!
//! [`StagedFile`] and [`StagedFolder`] are written under a hidden name beside their own, readable by
//! their owner only, and renamed once they are complete and on disk. Dropping one removes it. A process
//! that is killed can't, so the next one that stages the same name removes what was left: a lock, which
//! ends with the process, distinguishes that from what is still being written. Signals can be handled:
//! see [`remove_on_signals`].
//!
//! ```
//! use snapscope_staged::StagedFile;
//! use std::io::Write as _;
//!
//! let folder = tempfile::tempdir()?;
//! let target = folder.path().join("keys.json");
//! let staged = StagedFile::begin(&target, false)?;
//! staged.file().write_all(b"{}")?;
//! assert!(!target.exists());
//! staged.settle()?;
//! assert_eq!(std::fs::read(&target)?, b"{}");
//! assert!(StagedFile::begin(&target, false).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod error;
mod file;
mod folder;
mod leftovers;
mod registry;
mod signals;

pub use error::StageError;
pub use file::StagedFile;
pub use folder::{StagedFolder, create_folder_in, create_in};
pub use leftovers::{Leftover, leftovers};
pub use signals::remove_on_signals;

use std::fs::File;
use std::io;
use std::path::Path;

/// The folder in which `target` is.
fn folder_of(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// A new name is on disk only when its folder is. Folders can't be opened as files everywhere.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
