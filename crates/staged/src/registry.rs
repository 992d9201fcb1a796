//! The files and folders staged at the moment, for the thread that handles signals.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

static STAGED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// The paths of all staged files and folders. Code that creates, renames or removes one holds this
/// lock meanwhile, so a signal finds it either registered or gone. The thread that handles signals
/// never releases it: a thread that fails because its file is gone waits here for the process to
/// end, instead of reporting the error.
pub(crate) fn staged() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    STAGED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Maximum number of attempts to remove a folder that other threads still write to.
const ATTEMPTS: usize = 1000;

/// Removes everything that is staged.
pub(crate) fn remove_all(staged: &BTreeSet<PathBuf>) {
    for path in staged {
        for _ in 0..ATTEMPTS {
            let removed = match fs::symlink_metadata(path) {
                Ok(about) if about.is_dir() => fs::remove_dir_all(path),
                Ok(_) => fs::remove_file(path),
                Err(e) => Err(e),
            };
            match removed {
                Ok(()) => break,
                Err(e) if e.kind() == io::ErrorKind::NotFound => break,
                // A file was created in the folder in the meantime.
                Err(_) => {}
            }
        }
    }
}
