//! Staged files and folders that a killed process left.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// What the name of a staged file or folder ends with.
pub(crate) const PART: &str = ".part";
/// Characters that `tempfile` chooses at random.
const RANDOM: usize = 6;

/// What the name of whatever is staged for a target begins with: `.NAME.`, then come six random
/// characters and [`PART`].
pub(crate) fn hidden(target: &OsStr) -> OsString {
    let mut hidden = OsString::from(".");
    hidden.push(target);
    hidden.push(".");
    hidden
}

/// A staged file or folder that nobody works on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// Where it is.
    pub path: PathBuf,
    /// The name it would have been given.
    pub target: OsString,
}

impl Leftover {
    /// Removes it.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn remove(&self) -> io::Result<()> {
        match fs::symlink_metadata(&self.path)?.is_dir() {
            true => fs::remove_dir_all(&self.path),
            false => fs::remove_file(&self.path),
        }
    }
}

/// What killed processes left in a folder. Where the system has no locks that is nothing, as then
/// nobody can know.
///
/// # Errors
/// When the folder can't be listed.
pub fn leftovers(folder: &Path) -> io::Result<Vec<Leftover>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if let Some(target) = target_of(&entry.file_name())
            && nobody_holds(&entry.path())
        {
            found.push(Leftover { path: entry.path(), target });
        }
    }
    Ok(found)
}

/// Removes what was left of a target. What can't be removed does no harm.
pub(crate) fn remove_of(folder: &Path, target: &OsStr) {
    for leftover in leftovers(folder).unwrap_or_default() {
        if leftover.target == target {
            let _ = leftover.remove();
        }
    }
}

/// The target of a staged file or folder with that name; `None` if the name is not of that form.
fn target_of(name: &OsStr) -> Option<OsString> {
    let rest = name.as_encoded_bytes().strip_prefix(b".")?.strip_suffix(PART.as_bytes())?;
    let (target, random) = rest.split_at_checked(rest.len().checked_sub(RANDOM + 1)?)?;
    let random = random.strip_prefix(b".")?;
    if target.is_empty() || !random.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    // The name's own beginning, cut at a dot: both ends are ASCII.
    #[cfg(unix)]
    {
        let name: &OsStr = std::os::unix::ffi::OsStrExt::from_bytes(target);
        Some(name.to_owned())
    }
    #[cfg(not(unix))]
    std::str::from_utf8(target).ok().map(OsString::from)
}

/// Whether whoever made a file or folder works on it no longer. One that can't be locked is taken for
/// one in use.
fn nobody_holds(path: &Path) -> bool {
    let is_ours = fs::symlink_metadata(path).is_ok_and(|about| about.is_file() || about.is_dir());
    is_ours && File::open(path).is_ok_and(|file| file.try_lock().is_ok())
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
