//! The thread that writes to disk and hashes.

use super::growing::{Growing, Growth};
use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use snapscope_decode::text::hex;
use std::fs::File;
use std::io::{self, Write as _};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, spawn_blocking};

/// Maximum number of chunks in flight; one has at most a few hundred kilobytes.
const QUEUE: usize = 16;
/// Number of bytes after which data is flushed to disk, so that the end need not wait for all of
/// it.
const SYNC_EVERY: u64 = 64 << 20;

/// A file written by its own thread.
pub(super) struct Writer {
    queue: mpsc::Sender<Bytes>,
    thread: JoinHandle<io::Result<String>>,
}

impl Writer {
    /// Starts writing. Data that was written can be read from the returned value.
    pub(super) fn start(file: &File) -> io::Result<(Self, Arc<Growing>)> {
        let growing = Arc::new(Growing::new(file.try_clone()?));
        let growth = Growth(Arc::clone(&growing));
        let file = file.try_clone()?;
        let (queue, chunks) = mpsc::channel(QUEUE);
        let thread = spawn_blocking(move || write(file, chunks, growth));
        Ok((Self { queue, thread }, growing))
    }

    /// Passes a chunk on; false if writing failed, with the reason in [`finish`](Self::finish).
    pub(super) async fn chunk(&self, chunk: Bytes) -> bool {
        self.queue.send(chunk).await.is_ok()
    }

    /// Waits for the last byte; returns the SHA-256 of everything, in hex.
    pub(super) async fn finish(self) -> io::Result<String> {
        drop(self.queue);
        self.thread.await.unwrap_or_else(|e| Err(io::Error::other(e)))
    }
}

fn write(mut file: File, mut chunks: mpsc::Receiver<Bytes>, growth: Growth) -> io::Result<String> {
    let mut sha = Sha256::new();
    let (mut bytes, mut synced) = (0, 0);
    while let Some(chunk) = chunks.blocking_recv() {
        file.write_all(&chunk)?;
        growth.0.grow(chunk.len() as u64);
        sha.update(&chunk);
        bytes += chunk.len() as u64;
        if bytes - synced >= SYNC_EVERY {
            file.sync_data()?;
            synced = bytes;
        }
    }
    Ok(hex(&sha.finalize()))
}
