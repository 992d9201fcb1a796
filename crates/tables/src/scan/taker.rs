//! Receives batches as they are completed.

use super::batch::{BATCH, BATCH_ROWS, Batch};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;

/// Receives batches as they are completed.
pub(super) struct Taker {
    pub(super) send: SyncSender<io::Result<Batch>>,
    pub(super) is_over: Arc<AtomicBool>,
}

impl Taker {
    pub(super) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::Relaxed)
    }

    /// Passes on a batch unless it is empty, and replaces it with an empty one.
    ///
    /// # Errors
    /// If no more batches are needed.
    pub(super) fn take(&self, batch: &mut Batch) -> io::Result<()> {
        let over = || io::Error::from(io::ErrorKind::BrokenPipe);
        if batch.rows > 0 {
            return self.send.send(Ok(std::mem::take(batch))).map_err(|_| over());
        }
        if self.is_over() { Err(over()) } else { Ok(()) }
    }

    /// Passes on a batch once it is large enough.
    pub(super) fn take_full(&self, batch: &mut Batch) -> io::Result<()> {
        match batch.size() > BATCH || batch.rows > BATCH_ROWS {
            true => self.take(batch),
            false => Ok(()),
        }
    }
}
