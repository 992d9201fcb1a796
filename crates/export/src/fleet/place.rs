//! Where a fleet's files are: a folder, or a bucket.

use snapscope_staged::StagedFolder;
use std::fs::File;
use std::io;
use std::path::PathBuf;

/// The folder of the manifest. Readers skip names that start with an underscore.
pub(super) const OWN: &str = "_snapscope";

/// A file that is ready, and the path that it gets, relative to the place.
#[derive(Debug)]
pub struct Ready {
    /// Where it is.
    pub from: PathBuf,
    /// Its path, with slashes.
    pub path: String,
}

/// A lock, which ends when it is dropped.
pub type Lock = Box<dyn std::any::Any + Send + Sync>;

/// A folder or bucket. All paths are relative, with slashes. Every file appears complete or not at all.
pub trait Place: Send + Sync {
    /// Its name in messages.
    fn name(&self) -> String;

    /// Checks that files can be written there, and keeps other processes from it where that is possible.
    ///
    /// # Errors
    /// If another process writes there, it has other files, or the system refuses.
    fn lock(&self) -> io::Result<Lock>;

    /// A folder in which files are prepared.
    ///
    /// # Errors
    /// If the system refuses.
    fn staging(&self) -> io::Result<StagedFolder>;

    /// The content of a small file; `None` if it does not exist.
    ///
    /// # Errors
    /// If it cannot be read.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;

    /// A file, to be read at random.
    ///
    /// # Errors
    /// If it cannot be read.
    fn open(&self, path: &str) -> io::Result<File>;

    /// Whether a file exists.
    ///
    /// # Errors
    /// If that cannot be found out.
    fn exists(&self, path: &str) -> io::Result<bool>;

    /// The names of the files in a folder, without those in folders in it; none if it does not exist.
    ///
    /// # Errors
    /// If it cannot be listed.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;

    /// Writes a small file, or replaces it.
    ///
    /// # Errors
    /// If it cannot be written; then nothing changes.
    fn write(&self, path: &str, content: &[u8]) -> io::Result<()>;

    /// Moves files there, or copies them. Existing files are replaced.
    ///
    /// # Errors
    /// If one cannot be written; others may be there then.
    fn put(&self, files: &[Ready]) -> io::Result<()>;

    /// Removes files; it is not an error if one does not exist.
    ///
    /// # Errors
    /// If one cannot be removed.
    fn remove(&self, paths: &[String]) -> io::Result<()>;

    /// Makes files take the place of others: of each folder in one step if the place can do that; then the others are
    /// gone. Otherwise they stay, and readers see both until they are [removed](Self::remove).
    ///
    /// # Errors
    /// If it is not possible. Then some new files may be there, with the others or without.
    fn replace(&self, replacements: &[Replacement]) -> io::Result<()>;
}

/// Files of a folder that others take the place of.
#[derive(Debug)]
pub struct Replacement {
    /// The folder.
    pub folder: String,
    /// The new file.
    pub new: Ready,
    /// The paths of the others.
    pub old: Vec<String>,
}
