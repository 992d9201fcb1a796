//! Hashes `state.bin` on a thread of its own: hashing takes longer than storing.

use sha2::{Digest as _, Sha256};
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::{self, JoinHandle};

/// Maximum number of pieces waiting to be hashed.
const WAITING: usize = 2;

/// A hash that is being computed.
#[derive(Debug)]
pub(super) struct Hashing {
    to_hash: SyncSender<Arc<Vec<u8>>>,
    thread: JoinHandle<Sha256>,
}

impl Hashing {
    pub(super) fn start() -> io::Result<Self> {
        let (to_hash, pieces) = sync_channel::<Arc<Vec<u8>>>(WAITING);
        let work = move || {
            let mut sha = Sha256::new();
            for piece in pieces {
                sha.update(&*piece);
            }
            sha
        };
        let thread = thread::Builder::new().name("sha-256".to_owned()).spawn(work)?;
        Ok(Self { to_hash, thread })
    }

    /// Takes the next bytes.
    pub(super) fn take(&self, piece: Arc<Vec<u8>>) {
        // It ends early only with a panic, which is passed on at the end.
        let _ = self.to_hash.send(piece);
    }

    /// The hash of all bytes; these are the last ones.
    pub(super) fn end_with(self, rest: &[u8]) -> [u8; 32] {
        drop(self.to_hash);
        let mut sha = match self.thread.join() {
            Ok(sha) => sha,
            Err(panic) => std::panic::resume_unwind(panic),
        };
        sha.update(rest);
        sha.finalize().into()
    }
}
