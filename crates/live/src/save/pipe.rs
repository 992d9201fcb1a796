//! Passes chunks from asynchronous code to a thread as a `Read`.

use bytes::{Buf as _, Bytes};
use std::io::{self, Read};
use tokio::sync::mpsc;

/// Maximum number of chunks in flight; one has at most a few hundred kilobytes.
const QUEUE: usize = 16;

/// A piece in the pipe. `Err` means that no more pieces follow although the end was not reached.
type Piece = Result<Bytes, String>;

/// The sending end.
pub(super) type Sender = mpsc::Sender<Piece>;

/// The receiving end.
pub(super) struct PipeReader {
    queue: mpsc::Receiver<Piece>,
    current: Bytes,
}

pub(super) fn pipe() -> (Sender, PipeReader) {
    let (send, queue) = mpsc::channel(QUEUE);
    (send, PipeReader { queue, current: Bytes::new() })
}

impl Read for PipeReader {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.current.is_empty() {
            match self.queue.blocking_recv() {
                None => return Ok(0),
                Some(Ok(chunk)) => self.current = chunk,
                Some(Err(why)) => {
                    return Err(io::Error::new(io::ErrorKind::ConnectionAborted, why));
                }
            }
        }
        let n = out.len().min(self.current.len());
        out[..n].copy_from_slice(&self.current[..n]);
        self.current.advance(n);
        Ok(n)
    }
}
