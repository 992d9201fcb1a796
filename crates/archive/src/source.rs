//! Where a snapshot comes from.

use crate::finding::{Code, Finding};
use crate::meta::Meta;
use crate::packing::starts_like_a_header;
use snapscope_inflate::ReadAt;
use std::fmt;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Maximum number of bytes read from a `meta.json`.
const META_LIMIT: u64 = 1 << 20;

/// Where a snapshot comes from.
#[derive(Debug, Clone)]
pub enum Source {
    /// A file.
    File(PathBuf),
    /// A folder with `meta.json` and `state.bin`.
    Directory(PathBuf),
    /// Standard input, which can be read once.
    Stdin,
    /// Bytes in memory.
    Memory(Arc<[u8]>),
    /// Bytes that come from elsewhere, such as a server.
    Stream(Stream),
}

/// Bytes that come from elsewhere.
#[derive(Clone)]
pub struct Stream {
    name: String,
    size: Option<u64>,
    opener: Arc<Opener>,
    at: Option<Arc<dyn ReadAt>>,
}

/// Returns the bytes of a stream, from the first one.
type OpenStream = dyn Fn() -> io::Result<Box<dyn Read + Send>> + Send + Sync;

enum Opener {
    Once(Mutex<Option<Box<dyn Read + Send>>>),
    Again(Box<OpenStream>),
}

impl Stream {
    /// Creates a stream that can be read once; `name` is its name in messages.
    pub fn new(name: impl Into<String>, reader: impl Read + Send + 'static) -> Self {
        let opener = Opener::Once(Mutex::new(Some(Box::new(reader))));
        Self { name: name.into(), size: None, opener: Arc::new(opener), at: None }
    }

    /// Creates a stream of `size` bytes that can be read repeatedly.
    pub fn reopening(
        name: impl Into<String>,
        size: u64,
        open: impl Fn() -> io::Result<Box<dyn Read + Send>> + Send + Sync + 'static,
    ) -> Self {
        let opener = Opener::Again(Box::new(open));
        Self { name: name.into(), size: Some(size), opener: Arc::new(opener), at: None }
    }

    /// Creates a stream that several threads can read at any offset, such as a file that is still
    /// being written. If its size is unknown, `source` must report more bytes than there can be.
    pub fn at(name: impl Into<String>, source: Arc<dyn ReadAt>) -> Self {
        let from = Arc::clone(&source);
        let open = move || {
            let reader = InOrder { from: Arc::clone(&from), at: 0 };
            Ok(Box::new(reader) as Box<dyn Read + Send>)
        };
        let opener = Arc::new(Opener::Again(Box::new(open)));
        Self { name: name.into(), size: None, opener, at: Some(source) }
    }

    fn take(&self) -> io::Result<Box<dyn Read + Send>> {
        match &*self.opener {
            Opener::Again(open) => open(),
            Opener::Once(reader) => {
                let reader = reader.lock().unwrap_or_else(PoisonError::into_inner).take();
                reader.ok_or_else(|| io::Error::other("it can be read only once"))
            }
        }
    }

    fn reopenable(&self) -> bool {
        matches!(*self.opener, Opener::Again(_))
    }
}

/// Returns the bytes from the first one.
struct InOrder {
    from: Arc<dyn ReadAt>,
    at: u64,
}

impl Read for InOrder {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let n = self.from.read_at(out, self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stream").field(&self.name).finish()
    }
}

/// Another snapshot of the same server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sibling {
    /// Its folder.
    pub path: PathBuf,
    /// Whether it is newer.
    pub is_newer: bool,
    /// Whether it has both `state.bin` and `meta.json`.
    pub is_complete: bool,
}

/// A source that cannot be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The system refuses.
    #[error("{path}: {error}")]
    Io {
        /// The source.
        path: String,
        /// The system's error.
        error: io::Error,
    },
    /// A folder without a snapshot.
    #[error(
        "{path}: not a snapshot folder; expected state.bin (with meta.json), or a Consul data \
         directory with raft/snapshots"
    )]
    NoSnapshotInFolder {
        /// The folder.
        path: String,
    },
    /// Neither a file nor a folder.
    #[error("{path}: neither a file nor a folder")]
    NotAFile {
        /// Its name.
        path: String,
    },
}

/// Whether a file starts as gzip, tar or a `state.bin` does.
#[must_use]
pub fn starts_like_a_snapshot(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(512).read_to_end(&mut start));
    read.is_ok()
        && (start.starts_with(&[0x1f, 0x8b])
            || start.get(257..262) == Some(b"ustar")
            || starts_like_a_header(&start))
}

impl Source {
    /// Resolves `name`: `-` is standard input, a folder is a raft folder, or a data directory whose
    /// newest finished snapshot is used.
    ///
    /// # Errors
    /// If the name does not exist, or a folder holds no snapshot.
    pub fn find(name: &Path) -> Result<Self, OpenError> {
        if name.as_os_str() == "-" {
            return Ok(Self::Stdin);
        }
        let io_error = |error| OpenError::Io { path: name.display().to_string(), error };
        let about = fs::metadata(name).map_err(io_error)?;
        if about.is_dir() {
            return directory(name);
        }
        Ok(Self::File(name.to_owned()))
    }

    /// Returns the other snapshots beside one in a server's `raft/snapshots`, newest first, without
    /// those still being written.
    #[must_use]
    pub fn siblings(&self) -> Vec<Sibling> {
        let Self::Directory(path) = self else { return Vec::new() };
        let order = |path: &Path| snapshot_order(path.file_name()?.to_str()?);
        let (Some(own), Some(folder)) = (order(path), path.parent()) else { return Vec::new() };
        let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
        let mut others: Vec<_> = entries
            .filter_map(|entry| {
                let path = entry.ok()?.path();
                let order = order(&path).filter(|order| *order != own)?;
                Some((
                    order,
                    Sibling { is_newer: order > own, is_complete: is_complete(&path), path },
                ))
            })
            .collect();
        others.sort_by_key(|(order, _)| std::cmp::Reverse(*order));
        others.into_iter().map(|(_, sibling)| sibling).collect()
    }

    /// Returns its name in messages.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::File(path) | Self::Directory(path) => path.display().to_string(),
            Self::Stdin => "standard input".to_owned(),
            Self::Memory(_) => "memory".to_owned(),
            Self::Stream(stream) => stream.name.clone(),
        }
    }

    /// Whether it can be opened more than once.
    #[must_use]
    pub fn reopenable(&self) -> bool {
        match self {
            Self::File(path) => fs::metadata(path).is_ok_and(|about| about.is_file()),
            Self::Directory(_) | Self::Memory(_) => true,
            Self::Stream(stream) => stream.reopenable(),
            Self::Stdin => false,
        }
    }

    /// Returns the number of bytes to read, if known.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        let of =
            |path: &Path| fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|m| m.len());
        match self {
            Self::File(path) => of(path),
            Self::Directory(path) => of(&path.join("state.bin")),
            Self::Stream(stream) => stream.size,
            Self::Stdin => None,
            Self::Memory(bytes) => Some(bytes.len() as u64),
        }
    }

    /// Returns all its bytes again, from the first one; for a folder those of `state.bin`.
    ///
    /// # Errors
    /// If it cannot be opened, or was read and can be read only once.
    pub fn reader(&self) -> Result<Box<dyn Read + Send>, OpenError> {
        Ok(self.open()?.0)
    }

    /// Returns the bytes to read, and their number if known.
    pub(crate) fn open(&self) -> Result<(Box<dyn Read + Send>, Option<u64>), OpenError> {
        let file = |path: &Path| {
            let io_error = |error| OpenError::Io { path: path.display().to_string(), error };
            let file = File::open(path).map_err(io_error)?;
            let about = file.metadata().map_err(io_error)?;
            if about.is_dir() {
                return Err(OpenError::NotAFile { path: path.display().to_string() });
            }
            let size = about.is_file().then_some(about.len());
            Ok((Box::new(file) as Box<dyn Read + Send>, size))
        };
        match self {
            Self::File(path) => file(path),
            Self::Directory(path) => file(&path.join("state.bin")),
            Self::Stdin => Ok((Box::new(io::stdin()), None)),
            Self::Stream(stream) => {
                let io_error = |error| OpenError::Io { path: stream.name.clone(), error };
                Ok((stream.take().map_err(io_error)?, None))
            }
            Self::Memory(bytes) => {
                let size = Some(bytes.len() as u64);
                Ok((Box::new(io::Cursor::new(Arc::clone(bytes))), size))
            }
        }
    }

    /// Returns the bytes for reading at any offset, where possible: a regular file, memory, or a
    /// stream that supports it.
    pub(crate) fn open_at(&self) -> Option<Arc<dyn ReadAt>> {
        // A pipe must not be opened twice: its writer does not write again.
        let file = |path: &Path| -> Option<Arc<dyn ReadAt>> {
            let is_file = fs::metadata(path).is_ok_and(|about| about.is_file());
            Some(Arc::new(is_file.then(|| File::open(path).ok()).flatten()?))
        };
        match self {
            Self::File(path) => file(path),
            Self::Directory(path) => file(&path.join("state.bin")),
            Self::Memory(bytes) => Some(Arc::new(Arc::clone(bytes))),
            Self::Stream(stream) => stream.at.clone(),
            Self::Stdin => None,
        }
    }

    /// Returns the folder that may hold `meta.json` and `SHA256SUMS` beside a bare `state.bin`.
    fn beside(&self) -> Option<PathBuf> {
        match self {
            Self::Directory(path) => Some(path.clone()),
            Self::File(path) => {
                let name = path.file_name()?.to_str()?;
                if !name.eq_ignore_ascii_case("state.bin") {
                    return None;
                }
                Some(path.parent().unwrap_or(Path::new("")).to_owned())
            }
            Self::Stdin | Self::Memory(_) | Self::Stream(_) => None,
        }
    }

    /// Reads the `meta.json` beside a bare `state.bin`, with findings.
    pub(crate) fn meta_beside(&self) -> (Option<Meta>, Vec<Finding>) {
        let Some(folder) = self.beside() else { return (None, Vec::new()) };
        let bytes = match read_small(&folder.join("meta.json")) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                let missing = matches!(self, Self::Directory(_))
                    .then(|| Finding::note(Code::NoMeta, None, "no meta.json beside state.bin"));
                return (None, missing.into_iter().collect());
            }
            Err(e) => {
                let message = format!("cannot read meta.json: {e}");
                return (None, vec![Finding::damage(Code::Meta, None, message)]);
            }
        };
        match Meta::parse(&bytes) {
            Ok(meta) => {
                let findings = meta
                    .contradictions()
                    .into_iter()
                    .map(|what| Finding::damage(Code::Meta, None, format!("meta.json: {what}")))
                    .chain(self.name_differs(&meta))
                    .collect();
                (Some(meta), findings)
            }
            Err(e) => {
                let finding =
                    Finding::damage(Code::Meta, None, format!("meta.json is broken: {e}"));
                (None, vec![finding])
            }
        }
    }

    /// Raft names a folder after the snapshot's ID and writes a CRC into its `meta.json`. A
    /// different ID or a missing CRC is damage.
    fn name_differs(&self, meta: &Meta) -> Vec<Finding> {
        let Self::Directory(path) = self else { return Vec::new() };
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if snapshot_order(name).is_none() {
            return Vec::new();
        }
        let mut found = Vec::new();
        if name != meta.id {
            let message = format!("meta.json: ID is {}, but the folder is named {name}", meta.id);
            found.push(Finding::damage(Code::Meta, None, message));
        }
        if meta.crc.is_none() {
            found.push(Finding::damage(Code::Meta, None, "meta.json: CRC is missing"));
        }
        found
    }

    /// Reads the `SHA256SUMS` beside a bare `state.bin`, as in an archive that was unpacked by
    /// hand.
    pub(crate) fn sums_beside(&self) -> Option<Vec<u8>> {
        read_small(&self.beside()?.join("SHA256SUMS")).ok()
    }
}

fn read_small(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(META_LIMIT).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether a snapshot folder has all its files.
fn is_complete(folder: &Path) -> bool {
    ["state.bin", "meta.json"].into_iter().all(|name| folder.join(name).is_file())
}

/// Returns the snapshot in a folder: the folder itself, or the newest finished one in a data
/// directory.
fn directory(path: &Path) -> Result<Source, OpenError> {
    let holds = |folder: &Path| folder.join("state.bin").is_file();
    if holds(path) {
        return Ok(Source::Directory(path.to_owned()));
    }
    for below in ["raft/snapshots", "snapshots", ""] {
        let folder = if below.is_empty() { path.to_owned() } else { path.join(below) };
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e)
                if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) =>
            {
                continue;
            }
            // Snapshots that cannot be listed are not missing.
            Err(error) => return Err(OpenError::Io { path: folder.display().to_string(), error }),
        };
        let newest = entries
            .filter_map(Result::ok)
            .filter_map(|entry| {
                let name = entry.file_name();
                let order = snapshot_order(name.to_str()?)?;
                is_complete(&entry.path()).then(|| (order, entry.path()))
            })
            .max();
        if let Some((_, newest)) = newest {
            return Ok(Source::Directory(newest));
        }
    }
    Err(OpenError::NoSnapshotInFolder { path: path.display().to_string() })
}

/// Parses term, index and time from the name of a snapshot folder. Unfinished ones end in `.tmp`
/// and have no order.
fn snapshot_order(name: &str) -> Option<(u64, u64, u64)> {
    let mut parts = name.split('-').map(|part| part.parse().ok());
    let order = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshots_are_ordered_by_number() {
        assert!(snapshot_order("2-978-1795403316736") > snapshot_order("2-97-1795403316736"));
        assert!(snapshot_order("10-1-5") > snapshot_order("9-999-5"));
        assert_eq!(snapshot_order("2-978-1795403316736.tmp"), None);
        assert_eq!(snapshot_order("2-978"), None);
    }
}
