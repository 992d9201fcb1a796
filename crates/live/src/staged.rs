//! A file that gets its name when all of it is on the disk.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile};

/// A file on its way, under a hidden name beside its own. Dropped before it is
/// [settled](StagedFile::settle) it is gone.
#[derive(Debug)]
pub struct StagedFile {
    target: PathBuf,
    force: bool,
    file: NamedTempFile,
}

/// What the name of such a file ends with.
const PART: &str = ".part";

/// Why there is no file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StageError {
    /// Something stands there already.
    #[error("{} is there already; --force replaces it", .0.display())]
    Exists(PathBuf),
    /// What stands there is no file.
    #[error("{} is there already, and no file", .0.display())]
    NotAFile(PathBuf),
    /// The name is none that a file can have.
    #[error("{} is no name for a file", .0.display())]
    Name(PathBuf),
    /// The system refuses.
    #[error("{}: {error}{}", path.display(), advice(error))]
    Io {
        /// Where.
        path: PathBuf,
        /// What it says.
        error: io::Error,
    },
}

impl StageError {
    pub(crate) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |error| Self::Io { path, error }
    }
}

fn advice(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            "; make room there or save to another disk"
        }
        io::ErrorKind::FileTooLarge => "; the system's limit on file sizes (ulimit -f) is lower",
        io::ErrorKind::NotFound => "; is the folder there?",
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "; choose a folder that this user may write to"
        }
        _ => "",
    }
}

impl StagedFile {
    /// Finds out whether a file may stand at `target`, and begins it beside that. Only its owner
    /// can read it. What a killed process left of the same file is removed: the system locks a file
    /// for as long as it is worked on.
    ///
    /// # Errors
    /// When something stands there and `force` is not given, or the system refuses.
    pub fn begin(target: &Path, force: bool) -> Result<Self, StageError> {
        may_stand(target, force)?;
        let folder = folder_of(target);
        let mut hidden = OsString::from(".");
        hidden.push(target.file_name().unwrap_or_default());
        hidden.push(".");
        remove_leftovers(folder, &hidden);
        let file = Builder::new().prefix(&hidden).suffix(PART).tempfile_in(folder);
        let file = file.map_err(StageError::io(folder))?;
        // Where there are no locks, nothing is ever removed but by whoever made it.
        let _ = file.as_file().try_lock();
        Ok(Self { target: target.into(), force, file })
    }

    /// Gives it another name in the same folder: one that is known only when all of it is there.
    ///
    /// # Errors
    /// When something stands there and `force` is not given.
    pub fn rename(&mut self, name: &str, force: bool) -> Result<(), StageError> {
        let target = self.target.with_file_name(name);
        may_stand(&target, force)?;
        self.force = force;
        self.target = target;
        Ok(())
    }

    /// The file, to be written to.
    #[must_use]
    pub fn file(&self) -> &File {
        self.file.as_file()
    }

    /// The file once more, to be read by somebody else from its beginning.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn reopen(&self) -> io::Result<File> {
        self.file.reopen()
    }

    /// Where it will stand.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Puts all of it on the disk and gives it its name.
    ///
    /// # Errors
    /// When the system refuses, or something came to stand there meanwhile.
    pub fn settle(self) -> Result<(), StageError> {
        let Self { target, force, file } = self;
        file.as_file().sync_all().map_err(StageError::io(&target))?;
        if force {
            file.persist(&target).map_err(|e| StageError::io(&target)(e.error))?;
        } else {
            file.persist_noclobber(&target).map_err(|e| match e.error.kind() {
                io::ErrorKind::AlreadyExists => StageError::Exists(target.clone()),
                _ => StageError::io(&target)(e.error),
            })?;
        }
        // The new name is on the disk only when its folder is; not every file system can be asked.
        if cfg!(unix) {
            let _ = File::open(folder_of(&target)).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }
}

/// Removes the files that `begin` makes under names that begin so, as far as nobody works on them. One
/// that can't be removed is in nobody's way.
fn remove_leftovers(folder: &Path, hidden: &OsStr) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let middle = name
            .as_encoded_bytes()
            .strip_prefix(hidden.as_encoded_bytes())
            .and_then(|rest| rest.strip_suffix(PART.as_bytes()));
        // What stands between is chosen at random; anything else is not of ours.
        let is_ours = middle.is_some_and(|middle| {
            middle.len() == 6 && middle.iter().all(u8::is_ascii_alphanumeric)
        });
        if is_ours && nobody_holds(&entry.path()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether a file is one that whoever made it works on no longer. One that can't be locked is taken
/// for one that is worked on.
pub(crate) fn nobody_holds(path: &Path) -> bool {
    let is_file = fs::symlink_metadata(path).is_ok_and(|about| about.is_file());
    is_file && File::open(path).is_ok_and(|file| file.try_lock().is_ok())
}

fn may_stand(target: &Path, force: bool) -> Result<(), StageError> {
    if target.file_name().is_none() {
        return Err(StageError::Name(target.into()));
    }
    match fs::symlink_metadata(target) {
        Ok(there) if there.is_dir() => Err(StageError::NotAFile(target.into())),
        Ok(_) if !force => Err(StageError::Exists(target.into())),
        Ok(_) => Ok(()),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(e) => Err(StageError::io(target)(e)),
    }
}

fn folder_of(target: &Path) -> &Path {
    match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_killed_one_left_is_removed_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("a.snap");
        let busy = StagedFile::begin(&target, false).unwrap();
        let others =
            [".a.snap.part", ".a.snap.long-one.part", ".b.snap.abcdef.part", "a.snap.abcdef.part"];
        for name in others.into_iter().chain([".a.snap.abcdef.part"]) {
            fs::write(dir.path().join(name), "half").unwrap();
        }
        let second = StagedFile::begin(&target, false).unwrap();
        assert!(others.iter().all(|name| dir.path().join(name).exists()));
        assert!(!dir.path().join(".a.snap.abcdef.part").exists());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), others.len() + 2);
        drop((busy, second));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), others.len());
    }
}
