//! A file that is written to disk while its next bytes are produced.
//!
//! Copying a gigabyte into the page cache and then waiting for it takes several times as long as
//! writing past the cache. Large files are written past it where the file system supports that.

use crate::pages::Pages;
use std::fs::File;
use std::io::{self, Seek, SeekFrom, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Maximum number of full pages waiting for the disk.
const WAITING: usize = 3;

/// A file written by a thread.
#[derive(Debug)]
pub struct WriteBehind {
    /// Present until the thread starts, which then owns it.
    file: Option<File>,
    /// Whether to try writing past the page cache. On a pipe that would change what its readers
    /// receive.
    direct: bool,
    pages: Pages,
    disk: Option<Disk>,
}

#[derive(Debug)]
struct Disk {
    full: SyncSender<Pages>,
    empty: Receiver<Pages>,
    thread: JoinHandle<io::Result<File>>,
}

impl WriteBehind {
    /// Writes to an empty file.
    #[must_use]
    pub fn new(file: File) -> Self {
        Self { file: Some(file), direct: true, pages: Pages::new(), disk: None }
    }

    /// Writes to a pipe or a terminal.
    #[must_use]
    pub fn to_stream(file: File) -> Self {
        Self { direct: false, ..Self::new(file) }
    }

    /// Writes the rest.
    ///
    /// # Errors
    /// If this or an earlier write fails.
    pub fn finish(mut self) -> io::Result<()> {
        self.settle()?.flush()
    }

    /// Writes what was not written yet. Returns the file.
    fn settle(&mut self) -> io::Result<&mut File> {
        if let Some(disk) = self.disk.take() {
            self.file = Some(disk.end()?);
        }
        let file = self.file.as_mut().ok_or_else(gave_up)?;
        file.write_all(self.pages.filled())?;
        self.pages.clear();
        Ok(file)
    }

    /// Passes full pages to the thread, and takes empty ones for them.
    fn hand_over(&mut self) -> io::Result<()> {
        if self.disk.is_none() {
            self.disk = Some(Disk::start(self.file.take().ok_or_else(gave_up)?, self.direct)?);
        }
        let Some(disk) = &self.disk else { return Err(gave_up()) };
        let next = disk.empty.try_recv().unwrap_or_default();
        if disk.full.send(std::mem::replace(&mut self.pages, next)).is_ok() {
            return Ok(());
        }
        match self.disk.take().map(Disk::end) {
            Some(Err(e)) => Err(e),
            _ => Err(gave_up()),
        }
    }
}

impl Write for WriteBehind {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.pages.is_full() {
            self.hand_over()?;
        }
        Ok(self.pages.fill(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// After a seek all bytes go through the page cache, as they may start anywhere.
impl Seek for WriteBehind {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.direct &= to == SeekFrom::Current(0) && self.disk.is_none();
        self.settle()?.seek(to)
    }
}

impl Disk {
    fn start(file: File, direct: bool) -> io::Result<Self> {
        let (full, pages) = sync_channel::<Pages>(WAITING);
        let (emptied, empty) = sync_channel(WAITING + 2);
        let mut file = file;
        let work = move || {
            let mut direct = direct && set_direct(&file, true);
            for mut pages in pages {
                let mut rest = pages.filled();
                while !rest.is_empty() {
                    match file.write(rest) {
                        Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                        // Data written past the cache has to start at a page boundary.
                        Ok(n) => {
                            if direct && n < rest.len() && set_direct(&file, false) {
                                direct = false;
                            }
                            rest = rest.get(n..).unwrap_or(&[]);
                        }
                        Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                        // Some file systems accept the flag without support for it.
                        Err(e)
                            if direct
                                && e.kind() == io::ErrorKind::InvalidInput
                                && set_direct(&file, false) =>
                        {
                            direct = false;
                        }
                        Err(e) => return Err(e),
                    }
                }
                pages.clear();
                // The receiver may be gone.
                let _ = emptied.try_send(pages);
            }
            if direct {
                set_direct(&file, false);
            }
            Ok(file)
        };
        let thread = std::thread::Builder::new().name("write-behind".into()).spawn(work)?;
        Ok(Self { full, empty, thread })
    }

    /// Waits until everything is written.
    fn end(self) -> io::Result<File> {
        drop(self.full);
        match self.thread.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

fn gave_up() -> io::Error {
    io::Error::other("an earlier write failed")
}

/// Turns writing past the page cache on or off; returns whether it is on.
#[cfg(target_os = "linux")]
fn set_direct(file: &File, direct: bool) -> bool {
    use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};
    fcntl_getfl(file).and_then(|mut flags| {
        flags.set(OFlags::DIRECT, direct);
        fcntl_setfl(file, flags)
    }) == Ok(())
}

#[cfg(not(target_os = "linux"))]
fn set_direct(_file: &File, direct: bool) -> bool {
    !direct
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_any_size_are_whole() {
        let folder = tempfile::tempdir().unwrap();
        for size in [0, 1, Pages::SIZE - 1, Pages::SIZE, 3 * Pages::SIZE + 4097] {
            let bytes: Vec<u8> = (0..=250).cycle().take(size).collect();
            let path = folder.path().join(size.to_string());
            let mut file = WriteBehind::new(File::create(&path).unwrap());
            for piece in bytes.chunks(1_000_003) {
                file.write_all(piece).unwrap();
            }
            file.finish().unwrap();
            assert!(std::fs::read(&path).unwrap() == bytes, "{size}");
        }
    }

    #[test]
    fn bytes_in_front_can_be_written_last() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let mut file = WriteBehind::new(File::create(&path).unwrap());
        assert_eq!(file.stream_position().unwrap(), 0);
        file.write_all(&[0; 5]).unwrap();
        let bytes: Vec<u8> = (0..=250).cycle().take(3 * Pages::SIZE + 77).collect();
        file.write_all(&bytes).unwrap();
        assert_eq!(file.stream_position().unwrap(), 5 + bytes.len() as u64);
        file.seek(SeekFrom::Start(0)).unwrap();
        file.write_all(b"front").unwrap();
        file.seek(SeekFrom::End(0)).unwrap();
        file.write_all(b"end").unwrap();
        file.finish().unwrap();
        let read = std::fs::read(&path).unwrap();
        assert!(read == [&b"front"[..], &bytes, b"end"].concat());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_is_told() {
        let file = File::options().write(true).open("/dev/full").unwrap();
        let mut file = WriteBehind::new(file);
        let piece = vec![0; Pages::SIZE];
        let failed = (0..8).find_map(|_| file.write_all(&piece).err());
        let error = failed.or_else(|| file.finish().err()).expect("nothing fits");
        assert_eq!(error.kind(), io::ErrorKind::StorageFull);
    }
}
