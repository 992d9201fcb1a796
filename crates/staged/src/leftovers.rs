//! Staged files and folders that a killed process left.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The suffix of the names of staged files and folders.
pub(crate) const PART: &str = ".part";
/// Number of random characters that `tempfile` adds.
const RANDOM: usize = 6;

/// The prefix of names staged for a target: `.NAME.`, followed by six random characters and
/// [`PART`].
pub(crate) fn hidden(target: &OsStr) -> OsString {
    let mut hidden = OsString::from(".");
    hidden.push(target);
    hidden.push(".");
    hidden
}

/// A staged file or folder that no process is writing.
#[derive(Debug)]
pub struct Leftover {
    /// Its path.
    pub path: PathBuf,
    /// Its final name.
    pub target: OsString,
    /// Locked while this value lives: a process that has created it but not locked it yet notices
    /// that, and creates another one.
    _lock: File,
}

impl Leftover {
    /// Removes it.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn remove(&self) -> io::Result<()> {
        match fs::symlink_metadata(&self.path)?.is_dir() {
            true => fs::remove_dir_all(&self.path),
            false => fs::remove_file(&self.path),
        }
    }
}

/// Returns the leftovers of killed processes in a folder. On systems without locks there are none,
/// because they cannot be distinguished from files in use.
///
/// # Errors
/// If the folder cannot be listed.
pub fn leftovers(folder: &Path) -> io::Result<Vec<Leftover>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if let Some(target) = target_of(&entry.file_name())
            && let Some(lock) = unheld(&entry.path())
        {
            found.push(Leftover { path: entry.path(), target, _lock: lock });
        }
    }
    Ok(found)
}

/// Removes the leftovers of a target. Leftovers that cannot be removed do no harm.
pub(crate) fn remove_of(folder: &Path, target: &OsStr) {
    for leftover in leftovers(folder).unwrap_or_default() {
        if leftover.target == target {
            let _ = leftover.remove();
        }
    }
}

/// Returns the target of a staged file or folder with that name; `None` if the name has another
/// form.
fn target_of(name: &OsStr) -> Option<OsString> {
    let rest = name.as_encoded_bytes().strip_prefix(b".")?.strip_suffix(PART.as_bytes())?;
    let (target, random) = rest.split_at_checked(rest.len().checked_sub(RANDOM + 1)?)?;
    let random = random.strip_prefix(b".")?;
    if target.is_empty() || !random.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    // The name before a dot; both ends are ASCII.
    #[cfg(unix)]
    {
        let name: &OsStr = std::os::unix::ffi::OsStrExt::from_bytes(target);
        Some(name.to_owned())
    }
    #[cfg(not(unix))]
    std::str::from_utf8(target).ok().map(OsString::from)
}

/// Returns the lock of a file or folder whose creator no longer writes to it. If it cannot be
/// locked, it counts as in use.
fn unheld(path: &Path) -> Option<File> {
    let is_ours = fs::symlink_metadata(path).is_ok_and(|about| about.is_file() || about.is_dir());
    File::open(path).ok().filter(|file| is_ours && file.try_lock().is_ok())
}

/// Maximum number of attempts to create something that another process takes for a leftover. Each
/// time that process has to act exactly between creation and lock.
const ATTEMPTS: usize = 100;

/// Creates a file or folder and locks it. Another process may lock it first and remove it, as a
/// leftover; then another one is created. On systems without locks, only its creator ever removes it.
pub(crate) fn create_locked<T>(
    mut create: impl FnMut() -> io::Result<T>,
    lock: impl Fn(&T) -> Result<(), TryLockError>,
    path: impl Fn(&T) -> &Path,
) -> io::Result<T> {
    for _ in 0..ATTEMPTS {
        let created = create()?;
        let is_taken = matches!(lock(&created), Err(TryLockError::WouldBlock));
        if !is_taken && fs::symlink_metadata(path(&created)).is_ok() {
            return Ok(created);
        }
    }
    Err(io::Error::other("another process removes every unfinished file at once"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_its_own_form_are_leftovers() {
        for (name, target) in [
            (".a.snap.abc123.part", Some("a.snap")),
            (".a.ABCdef.part", Some("a")),
            (".a.b.c.abc123.part", Some("a.b.c")),
            (".a.snap.part", None),
            (".a.snap.long-one.part", None),
            (".a.snap.abc-23.part", None),
            ("a.snap.abc123.part", None),
            ("..abc123.part", None),
            (".abc123.part", None),
            (".a.snap.abc123", None),
        ] {
            assert_eq!(target_of(OsStr::new(name)).as_deref(), target.map(OsStr::new), "{name}");
        }
    }
}
