//! A file that gets its name once it is complete and on disk.

use crate::leftovers::{PART, create_locked, hidden, remove_of};
use crate::registry::staged;
use crate::{StageError, folder_of, is_free, sync_folder};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use tempfile::{Builder, NamedTempFile, TempPath};

/// A file being written under a hidden name beside its own. Dropped before it is
/// [settled](StagedFile::settle), it is removed.
#[derive(Debug)]
pub struct StagedFile {
    target: PathBuf,
    force: bool,
    file: File,
    /// `None` once it is settled.
    path: Option<TempPath>,
}

impl StagedFile {
    /// Checks that a file may appear as `target`, and creates it. Only its owner can read it.
    /// Leftovers of the same file from a killed process are removed.
    ///
    /// With `force` a regular file is replaced, and nothing else: not a folder, not a device or
    /// pipe, whose readers would lose it, not a link, whose target nobody named.
    ///
    /// # Errors
    /// If the name is taken, or the system refuses.
    pub fn begin(target: &Path, force: bool) -> Result<Self, StageError> {
        may_replace(target, force)?;
        let name = target.file_name().unwrap_or_default();
        let folder = folder_of(target);
        remove_of(folder, name);
        let mut staged = staged();
        let create = || Builder::new().prefix(&hidden(name)).suffix(PART).tempfile_in(folder);
        let file = create_locked(create, |file| file.as_file().try_lock(), NamedTempFile::path);
        let (file, path) = file.map_err(StageError::beginning(target, folder))?.into_parts();
        staged.insert(path.to_path_buf());
        Ok(Self { target: target.into(), force, file, path: Some(path) })
    }

    /// Changes its final name within the folder, for names that are known only at the end.
    ///
    /// # Errors
    /// If the name is taken.
    pub fn rename(&mut self, name: &str, force: bool) -> Result<(), StageError> {
        let target = self.target.with_file_name(name);
        may_replace(&target, force)?;
        self.force = force;
        self.target = target;
        Ok(())
    }

    /// Returns the file to write to.
    #[must_use]
    pub const fn file(&self) -> &File {
        &self.file
    }

    /// Returns its temporary path.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.path.as_deref().unwrap_or(&self.target)
    }

    /// Returns its final path.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Flushes its content to disk.
    ///
    /// # Errors
    /// If the system refuses.
    pub fn sync(&self) -> Result<(), StageError> {
        self.file.sync_all().map_err(StageError::io(&self.target))
    }

    /// Flushes it to disk and renames it to its name.
    ///
    /// # Errors
    /// If the system refuses, or the name was taken in the meantime.
    pub fn settle(mut self) -> Result<(), StageError> {
        self.sync()?;
        let mut staged = staged();
        let Some(path) = self.path.take() else { return Ok(()) };
        let hidden = path.to_path_buf();
        let settled = persist(path, &self.target, self.force);
        staged.remove(&hidden);
        drop(staged);
        settled?;
        // Not every file system supports this.
        let _ = sync_folder(folder_of(&self.target));
        Ok(())
    }
}

impl Drop for StagedFile {
    fn drop(&mut self) {
        if let Some(path) = self.path.take() {
            let mut staged = staged();
            let hidden = path.to_path_buf();
            drop(path);
            staged.remove(&hidden);
        }
    }
}

fn persist(path: TempPath, target: &Path, force: bool) -> Result<(), StageError> {
    if force {
        may_replace(target, true)?;
        path.persist(target).map_err(|e| StageError::io(target)(e.error))?;
    } else {
        path.persist_noclobber(target).map_err(|e| match e.error.kind() {
            io::ErrorKind::AlreadyExists => StageError::Exists(target.into()),
            _ => StageError::io(target)(e.error),
        })?;
    }
    Ok(())
}

fn may_replace(target: &Path, force: bool) -> Result<(), StageError> {
    if target.file_name().is_none() {
        return Err(StageError::Name(target.into()));
    }
    match fs::symlink_metadata(target) {
        Ok(there) if !there.is_file() => {
            Err(StageError::not_replaceable(target, there.file_type(), "a regular file"))
        }
        Ok(_) if !force => Err(StageError::Exists(target.into())),
        Ok(_) => Ok(()),
        Err(e) if is_free(&e) => Ok(()),
        Err(e) => Err(StageError::io(target)(e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

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

    /// A file is removed as a leftover only under its lock, which its creator notices.
    #[test]
    fn files_that_begin_at_once_do_not_remove_each_other() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("a.snap");
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..300 {
                        for left in crate::leftovers(dir.path()).unwrap() {
                            let _ = left.remove();
                        }
                        let staged = StagedFile::begin(&target, true).unwrap();
                        staged.settle().unwrap();
                    }
                });
            }
        });
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn one_that_is_there_is_replaced_by_force_and_whole() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("a");
        fs::write(&target, "old").unwrap();
        assert!(matches!(StagedFile::begin(&target, false), Err(StageError::Exists(_))));
        let staged = StagedFile::begin(&target, true).unwrap();
        staged.file().write_all(b"new").unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"old");
        staged.settle().unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"new");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn an_error_names_the_target_and_its_folder() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("file"), "").unwrap();
        let began = |name: &str| StagedFile::begin(&dir.path().join(name), false);
        for (name, is) in [("no/a", "no\" does not exist"), ("file/a", "file\" is not a folder")] {
            let text = began(name).unwrap_err().to_string();
            assert!(text.contains(&format!("{name}: the folder")) && text.contains(is), "{text}");
            assert!(!text.contains(PART), "{text}");
        }
    }

    #[test]
    fn what_takes_the_name_meanwhile_stays() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("a");
        let staged = StagedFile::begin(&target, false).unwrap();
        fs::write(&target, "first").unwrap();
        assert!(matches!(staged.settle(), Err(StageError::Exists(_))));
        let forced = StagedFile::begin(&target, true).unwrap();
        fs::remove_file(&target).unwrap();
        fs::create_dir(&target).unwrap();
        assert!(matches!(forced.settle(), Err(StageError::NotReplaceable { .. })));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn nothing_but_a_regular_file_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("file"), "kept").unwrap();
        fs::create_dir(at("folder")).unwrap();
        std::os::unix::fs::symlink(at("file"), at("link")).unwrap();
        std::os::unix::fs::symlink(at("nowhere"), at("broken")).unwrap();
        let _listener = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
        for (name, is) in [
            ("folder", "a folder"),
            ("link", "a symbolic link"),
            ("broken", "a symbolic link"),
            ("socket", "a socket"),
        ] {
            let message = StagedFile::begin(&at(name), true).unwrap_err().to_string();
            assert!(message.contains(is), "{message}");
        }
        let device = StagedFile::begin(Path::new("/dev/null"), true).unwrap_err().to_string();
        assert!(device.contains("a device, not a regular file"), "{device}");
        assert_eq!(fs::read(at("file")).unwrap(), b"kept");
    }
}
