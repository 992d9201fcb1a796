//! The place of a fleet's files: a folder or a bucket.

use snapscope_staged::StagedFolder;
use std::fs::File;
use std::io;
use std::path::PathBuf;

/// The folder of the manifest. Readers skip names that start with an underscore.
pub(super) const OWN: &str = "_snapscope";

/// A finished file and its future path, relative to the place.
#[derive(Debug)]
pub struct Ready {
    /// Its current path.
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

    /// Checks that files can be written there, and excludes other processes where that is possible.
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

    /// Opens a file for random access.
    ///
    /// # Errors
    /// If it cannot be read.
    fn open(&self, path: &str) -> io::Result<File>;

    /// Whether a file exists.
    ///
    /// # Errors
    /// If that cannot be determined.
    fn exists(&self, path: &str) -> io::Result<bool>;

    /// Those of these files that are gone. A bucket would need a request for each, and reports none.
    ///
    /// # Errors
    /// If that cannot be determined.
    fn gone(&self, paths: &[&str]) -> io::Result<Vec<String>>;

    /// The names of the files in a folder, without subfolders; none if it does not exist.
    ///
    /// # Errors
    /// If it cannot be listed.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;

    /// Writes a small file, or replaces it.
    ///
    /// # Errors
    /// If it cannot be written. Then nothing has changed.
    fn write(&self, path: &str, content: &[u8]) -> io::Result<()>;

    /// Moves or copies files there. Existing files are replaced.
    ///
    /// # Errors
    /// If one cannot be written. Others may have been written.
    fn put(&self, files: &[Ready]) -> io::Result<()>;

    /// Removes files; it is not an error if one does not exist.
    ///
    /// # Errors
    /// If one cannot be removed.
    fn remove(&self, paths: &[String]) -> io::Result<()>;

    /// Replaces files, in one step for each folder if the place supports that; then the old files
    /// are gone. Otherwise they stay, and readers see both until they are [removed](Self::remove).
    ///
    /// # Errors
    /// If it is not possible. Then some new files may exist, with or without the old ones.
    fn replace(&self, replacements: &[Replacement]) -> io::Result<()>;
}

/// Files of a folder, and the file that replaces them.
#[derive(Debug)]
pub struct Replacement {
    /// The folder.
    pub folder: String,
    /// The new file.
    pub new: Ready,
    /// The paths of the old files.
    pub old: Vec<String>,
}
