//! A folder as the place of a fleet's files.

use super::place::{Lock, OWN, Place, Ready, Replacement};
use snapscope_staged::{StagedFile, StagedFolder, leftovers};
use std::collections::{BTreeSet, VecDeque};
use std::fs::{self, DirBuilder, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long a replaced folder stays, for readers that are listing it.
const GRACE: Duration = Duration::from_millis(100);

/// A folder.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    /// Replaced folders, and when they were replaced.
    replaced: Mutex<VecDeque<(Instant, PathBuf)>>,
}

impl Folder {
    /// The place at `path`, which is created at the first write.
    #[must_use]
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into(), replaced: Mutex::default() }
    }

    fn at(&self, path: &str) -> PathBuf {
        path.split('/').fold(self.path.clone(), |at, part| at.join(part))
    }

    /// Removes replaced folders after the grace period; with `wait`, waits until all of them are
    /// removed.
    fn remove_replaced(&self, wait: bool) {
        let mut replaced = self.replaced.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((since, path)) = replaced.front() {
            let left = GRACE.saturating_sub(since.elapsed());
            if !left.is_zero() && !wait {
                return;
            }
            std::thread::sleep(left);
            // The next run removes what is left.
            let _ = fs::remove_dir_all(path);
            replaced.pop_front();
        }
    }

    /// Creates the folder of a file, and those above it.
    fn folder_for(&self, path: &Path) -> io::Result<()> {
        let folder = path.parent().unwrap_or(&self.path);
        create_folders(folder)
    }
}

fn create_folders(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// A new name is on disk only after its folder is flushed, which not every system supports.
fn sync_folder(folder: &Path) {
    if cfg!(unix) {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

impl Place for Folder {
    fn name(&self) -> String {
        self.path.display().to_string()
    }

    fn lock(&self) -> io::Result<Lock> {
        let own = self.path.join(OWN);
        if !own.is_dir()
            && let Ok(mut entries) = fs::read_dir(&self.path)
            && entries.next().is_some()
        {
            let why =
                "the folder exists, and has other files than those of an export of many snapshots";
            return Err(io::Error::new(ErrorKind::AlreadyExists, why));
        }
        create_folders(&own)?;
        let mut options = File::options();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let lock = options.open(own.join("lock"))?;
        let locked = lock.try_lock();
        if locked.is_ok() {
            for leftover in leftovers(&own)? {
                leftover.remove()?;
            }
        }
        match locked {
            Err(fs::TryLockError::WouldBlock) => {
                let why = "another export or compact is writing there; wait until it has ended";
                Err(io::Error::new(ErrorKind::ResourceBusy, why))
            }
            // Not every file system supports locks.
            _ => Ok(Box::new(lock)),
        }
    }

    fn staging(&self) -> io::Result<StagedFolder> {
        let own = self.path.join(OWN);
        create_folders(&own)?;
        Ok(StagedFolder::begin(&own.join("writing"), false, |_| false)?)
    }

    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.at(path)) {
            Ok(content) => Ok(Some(content)),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    fn open(&self, path: &str) -> io::Result<File> {
        File::open(self.at(path))
    }

    fn exists(&self, path: &str) -> io::Result<bool> {
        self.at(path).try_exists()
    }

    fn gone(&self, paths: &[&str]) -> io::Result<Vec<String>> {
        let mut gone = Vec::new();
        for path in paths {
            if !self.exists(path)? {
                gone.push((*path).to_owned());
            }
        }
        Ok(gone)
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.at(folder)) {
            Ok(entries) => entries,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            Err(e) => return Err(e),
        };
        let mut names = Vec::new();
        for entry in entries {
            let entry = entry?;
            if let (true, Ok(name)) =
                (entry.file_type()?.is_file(), entry.file_name().into_string())
            {
                names.push(name);
            }
        }
        names.sort();
        Ok(names)
    }

    fn write(&self, path: &str, content: &[u8]) -> io::Result<()> {
        let path = self.at(path);
        self.folder_for(&path)?;
        let staged = StagedFile::begin(&path, true)?;
        staged.file().write_all(content)?;
        Ok(staged.settle()?)
    }

    fn put(&self, files: &[Ready]) -> io::Result<()> {
        for file in files {
            File::options().write(true).open(&file.from)?.sync_all()?;
        }
        let mut folders = BTreeSet::new();
        for file in files {
            let to = self.at(&file.path);
            self.folder_for(&to)?;
            fs::rename(&file.from, &to)?;
            folders.extend(to.parent().map(Path::to_owned));
        }
        folders.iter().for_each(|folder| sync_folder(folder));
        Ok(())
    }

    fn remove(&self, paths: &[String]) -> io::Result<()> {
        for path in paths {
            match fs::remove_file(self.at(path)) {
                Err(e) if e.kind() != ErrorKind::NotFound => return Err(e),
                _ => {}
            }
        }
        Ok(())
    }

    fn replace(&self, replacements: &[Replacement]) -> io::Result<()> {
        self.remove_replaced(false);
        replacements.iter().try_for_each(|replacement| self.replace_one(replacement))
    }
}

impl Folder {
    /// Creates a second folder, with links to the files that stay, and exchanges it with the first.
    fn replace_one(&self, replacement: &Replacement) -> io::Result<()> {
        let Replacement { folder, new, old } = replacement;
        let at = self.at(folder);
        let staged = StagedFolder::begin_in(&self.path.join(OWN), &at, true, |_| true)?;
        let old: BTreeSet<PathBuf> = old.iter().map(|path| self.at(path)).collect();
        for entry in fs::read_dir(&at)? {
            let entry = entry?;
            let (path, name) = (entry.path(), entry.file_name());
            if old.contains(&path) {
                continue;
            }
            if entry.file_type()?.is_dir() {
                let why = format!("{} is a folder, where only files are expected", path.display());
                return Err(io::Error::other(why));
            }
            let to = staged.path().join(name);
            // Not every file system supports links.
            fs::hard_link(&path, &to).or_else(|_| fs::copy(&path, &to).map(drop))?;
        }
        let to = self.at(&new.path);
        fs::rename(&new.from, staged.path().join(to.file_name().unwrap_or_default()))?;
        let old = staged.exchange()?;
        let mut replaced = self.replaced.lock().unwrap_or_else(PoisonError::into_inner);
        replaced.extend(old.map(|path| (Instant::now(), path)));
        Ok(())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        self.remove_replaced(true);
    }
}
