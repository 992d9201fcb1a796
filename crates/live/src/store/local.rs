//! A folder as a store.

use super::stored::{SMALL, Stored};
use super::{Lease, StoreError};
use snapscope_archive::Source;
use snapscope_staged::{StagedFile, leftovers};
use std::fs::{self, File};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::PathBuf;

/// Number of bytes copied between two checks of the lease.
const PIECE: usize = 1 << 20;

/// A folder.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    fn failed(&self, name: &str, doing: &'static str) -> impl FnOnce(io::Error) -> StoreError {
        let path = if name.is_empty() { self.0.clone() } else { self.0.join(name) };
        let path = path.display().to_string();
        move |error| StoreError::Io { path, doing, error }
    }

    /// Runs `work` on its own thread: a hanging disk or network file system must not delay other
    /// tasks, such as renewing a session.
    async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Self) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let folder = self.clone();
        let done = tokio::task::spawn_blocking(move || work(&folder)).await;
        done.unwrap_or_else(|e| Err(StoreError::Options(format!("a thread ended early: {e}"))))
    }

    pub(super) async fn list(&self) -> Result<Vec<Stored>, StoreError> {
        self.aside(Self::list_here).await
    }

    fn list_here(&self) -> Result<Vec<Stored>, StoreError> {
        let doing = "listing the folder";
        let mut stored = Vec::new();
        for entry in fs::read_dir(&self.0).map_err(self.failed("", doing))? {
            let entry = entry.map_err(self.failed("", doing))?;
            // Our names are UTF-8; a file may disappear while the folder is read.
            let (Ok(name), Ok(about)) = (entry.file_name().into_string(), entry.metadata()) else {
                continue;
            };
            if about.is_file() {
                let modified = about.modified().map_err(self.failed(&name, doing))?;
                stored.push(Stored { name, size: about.len(), modified });
            }
        }
        Ok(stored)
    }

    pub(super) async fn put_file(
        &self,
        name: &str,
        file: &File,
        lease: &Lease,
    ) -> Result<(), StoreError> {
        let from = file.try_clone().and_then(|mut from| from.rewind().map(|()| from));
        let mut from = from.map_err(self.failed(name, "reading the data to store"))?;
        let (name, lease) = (name.to_owned(), lease.clone());
        self.aside(move |folder| folder.write(&name, &lease, |to| copy(&mut from, to, &lease)))
            .await
    }

    pub(super) async fn put(
        &self,
        name: &str,
        bytes: Vec<u8>,
        lease: &Lease,
    ) -> Result<(), StoreError> {
        let (name, lease) = (name.to_owned(), lease.clone());
        let fill = move |to: &mut &File| to.write_all(&bytes).map(|()| true);
        self.aside(move |folder| folder.write(&name, &lease, fill)).await
    }

    /// Writes a file under a temporary name, flushes it to disk and renames it, if the lease still
    /// holds.
    fn write(
        &self,
        name: &str,
        lease: &Lease,
        fill: impl FnOnce(&mut &File) -> io::Result<bool>,
    ) -> Result<(), StoreError> {
        let failed = || self.failed(name, "writing it");
        let staged = StagedFile::begin(&self.0.join(name), true).map_err(|e| failed()(e.into()))?;
        let is_whole = fill(&mut staged.file()).map_err(failed())?;
        staged.sync().map_err(|e| failed()(e.into()))?;
        if !is_whole || !lease.holds() {
            return Err(StoreError::LeaseEnded);
        }
        staged.settle().map_err(|e| failed()(e.into()))
    }

    pub(super) async fn get_small(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let name = name.to_owned();
        self.aside(move |folder| folder.read_small(&name)).await
    }

    fn read_small(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let mut bytes = Vec::new();
        let read = File::open(self.0.join(name))
            .and_then(|file| file.take(SMALL + 1).read_to_end(&mut bytes));
        match read {
            Ok(n) if n as u64 > SMALL => {
                let error = io::Error::new(io::ErrorKind::InvalidData, "it is too large");
                Err(self.failed(name, "reading it")(error))
            }
            Ok(_) => Ok(Some(bytes)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(self.failed(name, "reading it")(e)),
        }
    }

    /// A file, if it can be opened.
    pub(super) async fn source(&self, name: &str) -> Result<Source, StoreError> {
        let name = name.to_owned();
        self.aside(move |folder| {
            let path = folder.0.join(&name);
            File::open(&path).map_err(folder.failed(&name, "reading it"))?;
            Ok(Source::File(path))
        })
        .await
    }

    pub(super) async fn delete(&self, name: &str, lease: &Lease) -> Result<(), StoreError> {
        let (name, lease) = (name.to_owned(), lease.clone());
        self.aside(move |folder| folder.remove(&name, &lease)).await
    }

    fn remove(&self, name: &str, lease: &Lease) -> Result<(), StoreError> {
        if !lease.holds() {
            return Err(StoreError::LeaseEnded);
        }
        match fs::remove_file(self.0.join(name)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => {
                Err(self.failed(name, "removing it")(e))
            }
            _ => Ok(()),
        }
    }

    /// Only leftovers of [`write`](Self::write) that no process is writing.
    pub(super) async fn remove_leftovers(&self, lease: &Lease) -> Result<usize, StoreError> {
        let lease = lease.clone();
        self.aside(move |folder| {
            let mut removed = 0;
            for left in leftovers(&folder.0).map_err(folder.failed("", "listing the folder"))? {
                let is_snapshot = left.target.to_str().is_some_and(|name| {
                    name.starts_with("consul-")
                        && [".snap", ".snap.json"].iter().any(|end| name.ends_with(end))
                });
                if !is_snapshot {
                    continue;
                }
                if let Some(name) = left.path.file_name().and_then(|name| name.to_str()) {
                    folder.remove(name, &lease)?;
                    removed += 1;
                }
            }
            Ok(removed)
        })
        .await
    }
}

/// Copies everything, or as much as the lease allows; returns whether it was everything.
fn copy(from: &mut File, to: &mut &File, lease: &Lease) -> io::Result<bool> {
    let mut piece = vec![0; PIECE];
    loop {
        let n = match from.read(&mut piece) {
            Ok(0) => return Ok(true),
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        if !lease.holds() {
            return Ok(false);
        }
        to.write_all(piece.get(..n).unwrap_or_default())?;
    }
}
