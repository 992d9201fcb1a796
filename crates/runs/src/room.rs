//! The memory that sorters share, and the file for everything beyond it.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// Memory and a temporary file that sorters share. Clones share the same room.
#[derive(Debug, Clone)]
pub struct Room(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limit: usize,
    used: AtomicUsize,
    file: Mutex<Spill>,
}

/// The file; created when first needed.
#[derive(Debug, Default)]
struct Spill {
    file: Option<File>,
    end: u64,
}

impl Default for Room {
    fn default() -> Self {
        Self::new(Self::LIMIT)
    }
}

impl Room {
    /// Enough to keep ordinary answers in memory, and little compared with inflating.
    pub const LIMIT: usize = 32 << 20;

    /// Creates a room for that many bytes.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        let file = Mutex::default();
        Self(Arc::new(Shared { limit, used: AtomicUsize::new(0), file }))
    }

    /// Number of bytes in memory.
    #[must_use]
    pub fn used(&self) -> usize {
        self.0.used.load(Ordering::Relaxed)
    }

    /// Number of bytes on disk.
    #[must_use]
    pub fn spilled(&self) -> u64 {
        self.spill().end
    }

    /// Whether the limit is exceeded.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.used() > self.0.limit
    }

    /// Minimum size of a run, so that a sorter that shares the room with a large one does not write
    /// a run for every entry.
    pub(crate) fn least_run(&self) -> usize {
        const LEAST: usize = 1 << 20;
        LEAST.min(self.0.limit / 4)
    }

    pub(crate) fn take(&self, bytes: usize) {
        self.0.used.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(crate) fn give_back(&self, bytes: usize) {
        self.0.used.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn spill(&self) -> std::sync::MutexGuard<'_, Spill> {
        self.0.file.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends the output of `write` to the file; returns its range.
    pub(crate) fn append(
        &self,
        write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>,
    ) -> io::Result<std::ops::Range<u64>> {
        let mut spill = self.spill();
        let start = spill.end;
        if spill.file.is_none() {
            spill.file = Some(private_file().map_err(in_folder)?);
        }
        let Some(file) = spill.file.as_mut() else { return Ok(start..start) };
        file.seek(SeekFrom::Start(start)).map_err(in_folder)?;
        let mut out = io::BufWriter::with_capacity(1 << 18, &mut *file);
        write(&mut out).and_then(|()| out.flush()).map_err(in_folder)?;
        drop(out);
        spill.end = spill.file.as_mut().map_or(Ok(start), |f| f.stream_position())?;
        Ok(start..spill.end)
    }

    /// Reads from the file.
    pub(crate) fn read(&self, at: u64, into: &mut [u8]) -> io::Result<()> {
        let mut spill = self.spill();
        let Some(file) = spill.file.as_mut() else {
            return Err(io::ErrorKind::UnexpectedEof.into());
        };
        file.seek(SeekFrom::Start(at)).and_then(|_| file.read_exact(into)).map_err(in_folder)
    }
}

/// Creates a file without a name, readable only by its owner.
fn private_file() -> io::Result<File> {
    let file = tempfile::tempfile()?;
    #[cfg(unix)]
    file.set_permissions(<std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(
        0o600,
    ))?;
    Ok(file)
}

/// Adds to the error which folder is full or not writable, and what to do.
fn in_folder(e: io::Error) -> io::Error {
    let folder = std::env::temp_dir();
    let message = format!(
        "temporary file in {}: {e}; set TMPDIR to a folder with more space",
        folder.display()
    );
    io::Error::new(e.kind(), message)
}
