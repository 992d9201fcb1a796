//! A file that is written to disk while its next bytes are produced.
//!
//! Copying a gigabyte into the page cache and then waiting for it takes several times as long as
//! writing past the cache. Large files are written past it where the file system supports that.

use crate::pages::Pages;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// Maximum number of full pages waiting for the disk.
const WAITING: usize = 3;

/// A file written by a thread.
#[derive(Debug)]
pub(crate) struct WriteBehind {
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
    pub(crate) fn new(file: File) -> Self {
        Self { file: Some(file), direct: true, pages: Pages::new(), disk: None }
    }

    /// Writes to an existing empty file; `-` is standard output.
    pub(crate) fn open(at: &Path) -> io::Result<Self> {
        if is_standard_output(at) {
            return Ok(Self { direct: false, ..Self::new(standard_output()?) });
        }
        Ok(Self::new(File::options().write(true).open(at)?))
    }

    /// Writes the rest. Earlier write errors are reported here at the latest.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        let file = match self.disk.take() {
            Some(disk) => Some(disk.end()?),
            None => self.file.take(),
        };
        let mut file = file.ok_or_else(gave_up)?;
        file.write_all(self.pages.filled())?;
        file.flush()
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

/// Whether a path means standard output: `-`, and not `./-`, which is a file.
pub(crate) fn is_standard_output(at: &Path) -> bool {
    at.as_os_str() == "-"
}

#[cfg(unix)]
#[allow(
    clippy::disallowed_methods,
    reason = "the bytes of an export, which the command refuses to print to a terminal"
)]
fn standard_output() -> io::Result<File> {
    use std::os::fd::AsFd as _;
    Ok(File::from(io::stdout().as_fd().try_clone_to_owned()?))
}

#[cfg(windows)]
#[allow(
    clippy::disallowed_methods,
    reason = "the bytes of an export, which the command refuses to print to a terminal"
)]
fn standard_output() -> io::Result<File> {
    use std::os::windows::io::AsHandle as _;
    Ok(File::from(io::stdout().as_handle().try_clone_to_owned()?))
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
