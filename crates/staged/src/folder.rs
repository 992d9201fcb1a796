//! A folder that gets its name once everything in it is on disk.

use crate::leftovers::{PART, create_locked, hidden, remove_of};
use crate::registry::staged;
use crate::{StageError, folder_of, is_free, sync_folder};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use tempfile::{Builder, TempDir};

/// Whether such a folder can have an entry of that name.
type Owns = dyn Fn(&str) -> bool + Send + Sync;

/// A folder being written under a hidden name beside its own. Dropped before it is
/// [settled](StagedFolder::settle), it is removed.
pub struct StagedFolder {
    target: PathBuf,
    force: bool,
    owns: Box<Owns>,
    /// `None` once it is settled.
    folder: Option<TempDir>,
    path: PathBuf,
    /// Locked while the folder is being written.
    _lock: Option<File>,
}

impl StagedFolder {
    /// Checks that a folder may appear as `target`, and creates it. Only its owner can open it.
    /// Leftovers of the same folder from a killed process are removed.
    ///
    /// With `force` a folder is replaced if it holds only entries whose names `owns` accepts, so
    /// `--out ~` does not delete a home folder.
    ///
    /// # Errors
    /// If the name is taken, or the system refuses.
    pub fn begin(
        target: &Path,
        force: bool,
        owns: impl Fn(&str) -> bool + Send + Sync + 'static,
    ) -> Result<Self, StageError> {
        Self::begin_in(folder_of(target), target, force, owns)
    }

    /// The same, but it is written in the folder `parent`, which has to be on the file system of
    /// `target`: for readers that list the folder of `target`, and all that is in it.
    ///
    /// # Errors
    /// If the name is taken, or the system refuses.
    pub fn begin_in(
        parent: &Path,
        target: &Path,
        force: bool,
        owns: impl Fn(&str) -> bool + Send + Sync + 'static,
    ) -> Result<Self, StageError> {
        may_replace(target, force, &owns)?;
        let name = target.file_name().unwrap_or_default();
        remove_of(parent, name);
        let mut staged = staged();
        let create = || {
            let folder = private_folder(parent, &hidden(name))?;
            let lock = File::open(folder.path()).ok();
            Ok((folder, lock))
        };
        let lock =
            |(_, lock): &(TempDir, Option<File>)| lock.as_ref().map_or(Ok(()), File::try_lock);
        let created = create_locked(create, lock, |(folder, _)| folder.path());
        let (folder, lock) = created.map_err(StageError::beginning(target, parent))?;
        let path = folder.path().to_owned();
        staged.insert(path.clone());
        let (target, owns) = (target.into(), Box::new(owns));
        Ok(Self { target, force, owns, folder: Some(folder), path, _lock: lock })
    }

    /// Returns its temporary path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns its final path.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Flushes everything in it to disk and renames it to its name.
    ///
    /// # Errors
    /// If the system refuses, or the name was taken in the meantime.
    pub fn settle(self) -> Result<(), StageError> {
        if let Some(old) = self.exchange()? {
            let _ = fs::remove_dir_all(old);
        }
        Ok(())
    }

    /// The same, but a replaced folder stays under a hidden name, which is returned, for readers
    /// that have begun to list it. It counts as a leftover.
    ///
    /// # Errors
    /// If the system refuses, or the name was taken in the meantime.
    pub fn exchange(mut self) -> Result<Option<PathBuf>, StageError> {
        sync_tree(&self.path).map_err(StageError::io(&self.target))?;
        let mut staged = staged();
        may_replace(&self.target, self.force, &*self.owns)?;
        let replaced = replace(&self.path, &self.target).map_err(StageError::io(&self.target))?;
        if let Some(folder) = self.folder.take() {
            // The folder has its final name now; this removes an entry with its old one.
            let _ = folder.keep();
        }
        staged.remove(&self.path);
        drop(staged);
        let _ = sync_folder(folder_of(&self.target));
        let _ = sync_folder(folder_of(&self.path));
        Ok(replaced)
    }
}

impl std::fmt::Debug for StagedFolder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StagedFolder")
            .field("target", &self.target)
            .field("path", &self.path)
            .finish_non_exhaustive()
    }
}

impl Drop for StagedFolder {
    fn drop(&mut self) {
        if let Some(folder) = self.folder.take() {
            let mut staged = staged();
            drop(folder);
            staged.remove(&self.path);
        }
    }
}

/// Creates a file in a folder that is being written, readable only by its owner.
///
/// # Errors
/// If the system refuses.
pub fn create_in(folder: &Path, name: &str) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(folder.join(name))
}

/// Creates a folder in a folder that is being written, readable only by its owner.
///
/// # Errors
/// If the system refuses.
pub fn create_folder_in(folder: &Path, name: &str) -> io::Result<PathBuf> {
    let path = folder.join(name);
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&path)?;
    Ok(path)
}

fn private_folder(parent: &Path, prefix: &std::ffi::OsStr) -> io::Result<TempDir> {
    let mut builder = Builder::new();
    builder.prefix(prefix).suffix(PART);
    #[cfg(unix)]
    builder.permissions(<fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o700));
    builder.tempdir_in(parent)
}

fn may_replace(target: &Path, force: bool, owns: &Owns) -> Result<(), StageError> {
    if target.file_name().is_none() {
        return Err(StageError::Name(target.into()));
    }
    match fs::symlink_metadata(target) {
        Ok(there) if !there.is_dir() => {
            return Err(StageError::not_replaceable(target, there.file_type(), "a folder"));
        }
        Ok(_) if !force => return Err(StageError::Exists(target.into())),
        Ok(_) => {}
        Err(e) if is_free(&e) => return Ok(()),
        Err(e) => return Err(StageError::io(target)(e)),
    }
    for entry in fs::read_dir(target).map_err(StageError::io(target))? {
        let name = entry.map_err(StageError::io(target))?.file_name();
        if !name.to_str().is_some_and(owns) {
            let name = name.to_string_lossy().into_owned();
            return Err(StageError::Holds { path: target.into(), name });
        }
    }
    Ok(())
}

/// Renames `new` to `target`. Returns the new path of the folder that had this name.
fn replace(new: &Path, target: &Path) -> io::Result<Option<PathBuf>> {
    if fs::symlink_metadata(target).is_err() {
        return fs::rename(new, target).map(|()| None);
    }
    if exchange(new, target).is_ok() {
        return Ok(Some(new.to_owned()));
    }
    // In two steps where the system cannot do it in one. The old folder is renamed onto an empty
    // one, whose name marks it as a leftover if the process is killed between the two steps.
    let name = target.file_name().unwrap_or_default();
    let aside = private_folder(folder_of(new), &hidden(name))?.keep();
    fs::rename(target, &aside)?;
    fs::rename(new, target).inspect_err(|_| {
        let _ = fs::rename(&aside, target);
    })?;
    Ok(Some(aside))
}

#[cfg(target_os = "linux")]
fn exchange(new: &Path, target: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    Ok(renameat_with(CWD, new, CWD, target, RenameFlags::EXCHANGE)?)
}

#[cfg(not(target_os = "linux"))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Maximum number of files that are flushed to disk one by one: each waits for the disk.
const FEW: usize = 64;

/// Flushes a folder and everything in it to disk.
fn sync_tree(folder: &Path) -> io::Result<()> {
    let (mut files, mut folders) = (Vec::new(), vec![folder.to_owned()]);
    let mut next = 0;
    while let Some(current) = folders.get(next) {
        let mut inside = Vec::new();
        for entry in fs::read_dir(current)? {
            let entry = entry?;
            let to = if entry.file_type()?.is_dir() { &mut inside } else { &mut files };
            to.push(entry.path());
        }
        folders.extend(inside);
        next += 1;
        if files.len() > FEW && sync_file_system(folder) {
            return Ok(());
        }
    }
    for file in files {
        File::options().write(true).open(file)?.sync_all()?;
    }
    folders.iter().rev().try_for_each(|folder| sync_folder(folder))
}

/// Flushes everything on a folder's file system at once; returns whether it was possible.
#[cfg(target_os = "linux")]
fn sync_file_system(folder: &Path) -> bool {
    File::open(folder).is_ok_and(|folder| rustix::fs::syncfs(folder).is_ok())
}

#[cfg(not(target_os = "linux"))]
fn sync_file_system(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = entries.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn owns(name: &str) -> bool {
        name.ends_with(".json")
    }

    #[test]
    fn it_replaces_a_folder_of_its_own_kind_only() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("out");
        for round in 0..3 {
            let staged = StagedFolder::begin(&target, round > 0, owns).unwrap();
            fs::write(staged.path().join(format!("{round}.json")), "{}").unwrap();
            staged.settle().unwrap();
            assert_eq!(names(&target), [format!("{round}.json")]);
            assert_eq!(names(dir.path()), ["out"]);
        }
        assert!(matches!(StagedFolder::begin(&target, false, owns), Err(StageError::Exists(_))));
        fs::write(target.join("mine.txt"), "").unwrap();
        let holds = StagedFolder::begin(&target, true, owns).unwrap_err().to_string();
        assert!(holds.contains("\"mine.txt\""), "{holds}");
        fs::write(dir.path().join("file"), "").unwrap();
        let file = StagedFolder::begin(&dir.path().join("file"), true, owns).unwrap_err();
        assert!(file.to_string().contains("a file, not a folder"), "{file}");
    }

    #[test]
    fn what_a_killed_one_left_is_removed_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("out");
        let busy = StagedFolder::begin(&target, false, owns).unwrap();
        for name in [".out.abcdef.part", ".other.abcdef.part"] {
            fs::create_dir(dir.path().join(name)).unwrap();
            fs::write(dir.path().join(name).join("half.json"), "").unwrap();
        }
        let second = StagedFolder::begin(&target, false, owns).unwrap();
        assert!(busy.path().exists() && second.path().exists());
        drop((busy, second));
        assert_eq!(names(dir.path()), [".other.abcdef.part"]);
    }
}
