//! Reads a table on other threads.

use super::batch::Batch;
use super::objects::Parts;
use super::request::Request;
use super::taker::Taker;
use super::{acl, facts};
use crate::relation::Rows;
use crate::snapshot::Snapshot;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread::JoinHandle;

/// Number of batches that may wait.
const WAITING: usize = 4;
/// Reads a table on other threads, in batches. Dropping it stops the threads. References are shown
/// whether or not their targets exist; [`collect`](super::collect) checks that.
#[derive(Debug)]
pub struct Scan {
    batches: Option<Receiver<io::Result<Batch>>>,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Scan {
    /// Starts to read.
    #[must_use]
    pub fn start(snapshot: Arc<Snapshot>, request: Request) -> Self {
        let (send, batches) = sync_channel(WAITING);
        let is_over = Arc::new(AtomicBool::new(false));
        let over = Arc::clone(&is_over);
        let thread = std::thread::spawn(move || {
            let failed = send.clone();
            let to = Taker { send, is_over: over };
            if let Err(error) = read(&snapshot, &request, &to)
                && !to.is_over()
            {
                // If nobody listens any more, the error does not matter.
                let _ = failed.send(Err(error));
            }
        });
        Self { batches: Some(batches), is_over, thread: Some(thread) }
    }
}

impl Iterator for Scan {
    type Item = io::Result<Batch>;

    fn next(&mut self) -> Option<io::Result<Batch>> {
        if let Ok(next) = self.batches.as_ref()?.recv() {
            return Some(next);
        }
        self.batches = None;
        let panicked = self.thread.take().is_some_and(|thread| thread.join().is_err());
        panicked.then(|| Err(io::Error::other("reading the snapshot failed unexpectedly")))
    }
}

impl Drop for Scan {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        drop(self.batches.take());
        if let Some(thread) = self.thread.take() {
            // It only reads, so a panic leaves no inconsistent state.
            let _ = thread.join();
        }
    }
}

fn read(snapshot: &Snapshot, request: &Request, to: &Taker) -> io::Result<()> {
    match request.relation.rows {
        Rows::Objects(_) | Rows::Links(_) => {
            let parts = Parts::new([request].into_iter(), &[], snapshot.masking.as_deref());
            parts
                .read(snapshot, |page| page.batches.iter_mut().try_for_each(|batch| to.take(batch)))
        }
        Rows::RecordTypes => facts::record_types(snapshot, request, to),
        Rows::Records => facts::records(snapshot, request, to),
        Rows::Meta => facts::meta(snapshot, request, to),
        Rows::Damage => facts::damaged(snapshot, request, to),
        Rows::Findings => facts::findings(snapshot, request, to),
        Rows::Grants => acl::grants(snapshot, request, to),
    }
}
