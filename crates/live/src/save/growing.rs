//! A file that is being written, for threads that read it at the same time.

use snapscope_archive::{ReadAt, UNKNOWN_SIZE};
use std::fs::File;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// A file that is being written. A reader that gets ahead of the writer waits.
#[derive(Debug)]
pub(super) struct Growing {
    file: File,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Clone, Copy)]
struct State {
    /// Bytes that can be read.
    written: u64,
    end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// More may come.
    Open,
    /// No more follow.
    Reached,
    /// Nobody will continue to write or read.
    Abandoned,
}

impl Growing {
    pub(super) fn new(file: File) -> Self {
        let state = Mutex::new(State { written: 0, end: End::Open });
        Self { file, state, changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records this number of additional bytes.
    pub(super) fn grow(&self, bytes: u64) {
        self.state().written += bytes;
        self.changed.notify_all();
    }

    fn end(&self, end: End) {
        let mut state = self.state();
        if state.end != End::Abandoned {
            state.end = end;
        }
        drop(state);
        self.changed.notify_all();
    }
}

/// The writer's side. Dropping it ends the file.
pub(super) struct Growth(pub(super) Arc<Growing>);

impl Drop for Growth {
    fn drop(&mut self) {
        self.0.end(End::Reached);
    }
}

/// The interested party. When it is dropped, reads fail, so that nobody continues or waits in vain.
pub(super) struct Interest(pub(super) Arc<Growing>);

impl Drop for Interest {
    fn drop(&mut self) {
        self.0.end(End::Abandoned);
    }
}

impl ReadAt for Growing {
    fn read_at(&self, buf: &mut [u8], offset: u64) -> io::Result<usize> {
        let mut state = self.state();
        let there = loop {
            match state.end {
                End::Abandoned => {
                    return Err(io::Error::new(io::ErrorKind::ConnectionAborted, "given up"));
                }
                _ if state.written > offset => break state.written - offset,
                End::Reached => return Ok(0),
                End::Open => {}
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        };
        drop(state);
        let n = usize::try_from(there).map_or(buf.len(), |there| there.min(buf.len()));
        self.file.read_at(&mut buf[..n], offset)
    }

    /// Unknown, because servers create a snapshot while they send it; large enough to use all
    /// threads.
    fn size(&self) -> io::Result<u64> {
        Ok(UNKNOWN_SIZE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;
    use std::thread;
    use std::time::Duration;

    const SOON: Duration = Duration::from_millis(50);

    fn growing() -> (File, Arc<Growing>) {
        let file = tempfile::tempfile().unwrap();
        let growing = Arc::new(Growing::new(file.try_clone().unwrap()));
        (file, growing)
    }

    #[test]
    fn who_reads_ahead_waits_for_what_comes() {
        let (mut file, growing) = growing();
        let growth = Growth(Arc::clone(&growing));
        let reader = Arc::clone(&growing);
        let whole = thread::spawn(move || {
            let (mut text, mut piece) = (Vec::new(), [0; 5]);
            loop {
                match reader.read_at(&mut piece, text.len() as u64).unwrap() {
                    0 => return text,
                    n => text.extend_from_slice(&piece[..n]),
                }
            }
        });
        for piece in ["a snap", "shot in", " pieces"] {
            thread::sleep(SOON);
            file.write_all(piece.as_bytes()).unwrap();
            growing.grow(piece.len() as u64);
        }
        let (far, mut byte) = (Arc::clone(&growing), [0]);
        let behind = thread::spawn(move || far.read_at(&mut byte, 1000).unwrap());
        drop(growth);
        assert_eq!(whole.join().unwrap(), b"a snapshot in pieces");
        assert_eq!(behind.join().unwrap(), 0);
    }

    #[test]
    fn what_was_not_announced_is_not_read() {
        let (mut file, growing) = growing();
        file.write_all(b"half a record").unwrap();
        growing.grow(4);
        let mut out = [0; 20];
        assert_eq!(growing.read_at(&mut out, 1).unwrap(), 3);
    }

    #[test]
    fn nobody_waits_for_what_nobody_wants() {
        let (_file, growing) = growing();
        let _growth = Growth(Arc::clone(&growing));
        let interest = Interest(Arc::clone(&growing));
        let waiting = thread::spawn(move || growing.read_at(&mut [0], 0).map_err(|e| e.kind()));
        thread::sleep(SOON);
        drop(interest);
        assert_eq!(waiting.join().unwrap(), Err(io::ErrorKind::ConnectionAborted));
    }
}
