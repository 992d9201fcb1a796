//! A folder as a store.

use super::{Lease, SMALL, StoreError, Stored};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

/// Bytes copied between two looks at the lease.
const PIECE: usize = 1 << 20;
/// What the name of a file that is being written ends with.
const PART: &str = ".part";

/// A folder.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) const fn new(path: PathBuf) -> Self {
        Self(path)
    }

    fn failed(&self, name: &str, doing: &'static str) -> impl FnOnce(io::Error) -> StoreError {
        let path = self.0.join(name).display().to_string();
        move |error| StoreError::Io { path, doing, error }
    }

    pub(super) fn list(&self) -> Result<Vec<Stored>, StoreError> {
        let doing = "listing the folder";
        let mut stored = Vec::new();
        for entry in fs::read_dir(&self.0).map_err(self.failed("", doing))? {
            let entry = entry.map_err(self.failed("", doing))?;
            // A name that isn't UTF-8 is none of ours; a file may vanish while the folder is read.
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
        let mut from = from.map_err(self.failed(name, "reading what it is to hold"))?;
        let (folder, name, lease) = (self.clone(), name.to_owned(), lease.clone());
        let copied = tokio::task::spawn_blocking(move || {
            folder.write(&name, &lease, |to| copy(&mut from, to, &lease))
        });
        copied.await.unwrap_or_else(|e| Err(StoreError::Options(format!("storing failed: {e}"))))
    }

    pub(super) fn put(&self, name: &str, bytes: &[u8], lease: &Lease) -> Result<(), StoreError> {
        self.write(name, lease, |to| to.write_all(bytes).map(|()| true))
    }

    /// Writes a file under a temporary name, puts it on the disk and renames it, if the lease still
    /// holds.
    fn write(
        &self,
        name: &str,
        lease: &Lease,
        fill: impl FnOnce(&mut File) -> io::Result<bool>,
    ) -> Result<(), StoreError> {
        let part = self.0.join(format!(".{name}{PART}"));
        let written = (|| {
            let mut to = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(&part)?;
            let is_whole = fill(&mut to)?;
            to.sync_all()?;
            if !is_whole || !lease.holds() {
                return Ok(false);
            }
            fs::rename(&part, self.0.join(name))?;
            File::open(&self.0)?.sync_all()?;
            Ok(true)
        })();
        match written {
            Ok(true) => Ok(()),
            Ok(false) => {
                let _ = fs::remove_file(&part);
                Err(StoreError::LeaseEnded)
            }
            Err(e) => {
                let _ = fs::remove_file(&part);
                Err(self.failed(name, "writing it")(e))
            }
        }
    }

    pub(super) fn get_small(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
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

    pub(super) fn delete(&self, name: &str, lease: &Lease) -> Result<(), StoreError> {
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

    /// Only files of the one form that [`write`](Self::write) gives to snapshots; called while
    /// nothing is being written.
    pub(super) fn remove_leftovers(&self, lease: &Lease) -> Result<usize, StoreError> {
        let mut removed = 0;
        for stored in self.list()? {
            let is_leftover = stored.name.starts_with(".consul-")
                && [".snap.part", ".snap.json.part"].iter().any(|end| stored.name.ends_with(end));
            if is_leftover {
                self.delete(&stored.name, lease)?;
                removed += 1;
            }
        }
        Ok(removed)
    }
}

/// Copies all, or as much as the lease allows; whether it was all.
fn copy(from: &mut File, to: &mut File, lease: &Lease) -> io::Result<bool> {
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
