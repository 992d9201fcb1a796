//! A file that goes to the disk while it is written, so that little is left to wait for at the end.

use std::fs::File;
use std::io::{self, Write};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

/// So many bytes are worth a walk to the disk.
const STRIDE: usize = 32 << 20;

/// A file whose bytes a thread puts on the disk now and then.
#[derive(Debug)]
pub(crate) struct WriteBehind {
    file: File,
    pending: usize,
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl WriteBehind {
    /// Writes to a file.
    pub(crate) const fn new(file: File) -> Self {
        Self { file, pending: 0, wake: None, thread: None }
    }

    /// Ends the thread. What it could not write is an error here: the system tells it only once.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        self.wake = None;
        match self.thread.take().map(JoinHandle::join) {
            Some(Ok(done)) => done,
            Some(Err(panic)) => std::panic::resume_unwind(panic),
            None => Ok(()),
        }
    }

    fn wake(&mut self) -> io::Result<()> {
        self.pending = 0;
        if self.thread.is_none() {
            let file = self.file.try_clone()?;
            let (wake, woken) = sync_channel(1);
            self.wake = Some(wake);
            let sync = move || woken.iter().try_for_each(|()| file.sync_data());
            self.thread = Some(std::thread::spawn(sync));
        }
        // If it is still busy it will come back for these bytes too, or has failed, which is told
        // at the end.
        let _ = self.wake.as_ref().map(|wake| wake.try_send(()));
        Ok(())
    }
}

impl Write for WriteBehind {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.pending += written;
        if self.pending > STRIDE {
            self.wake()?;
        }
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
