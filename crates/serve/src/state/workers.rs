//! Threads that make answers, separate from those that talk to clients.

use super::view::View;
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Mutex, PoisonError};
use std::thread;
use tokio::sync::oneshot;

/// The work for an answer, or for one page of it.
type Job = Box<dyn FnOnce(&View<'_>) + Send>;

/// The snapshot was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gone;

/// Sends work to the threads of a snapshot. When the last sender is dropped, the threads end and
/// the snapshot is closed.
#[derive(Clone)]
pub(crate) struct Workers {
    jobs: Sender<Job>,
}

impl Workers {
    pub(super) const fn new(jobs: Sender<Job>) -> Self {
        Self { jobs }
    }

    /// Runs work once the snapshot is indexed and a thread is free. A connection waits for one
    /// answer at a time, so the number of connections bounds the queue.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&View<'_>) -> T + Send + 'static,
    ) -> Result<T, Gone> {
        let (done, answer) = oneshot::channel();
        let job: Job = Box::new(move |view| {
            // The client may have left.
            if !done.is_closed() {
                let _ = done.send(work(view));
            }
        });
        self.jobs.send(job).map_err(|_| Gone)?;
        answer.await.map_err(|_| Gone)
    }
}

/// Works until all senders are dropped.
pub(super) fn work(view: &View<'_>, threads: usize, jobs: Receiver<Job>) {
    let jobs = Mutex::new(jobs);
    let next = || jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
    thread::scope(|scope| {
        let run = || {
            while let Ok(job) = next() {
                job(view);
            }
        };
        for _ in 1..threads.max(1) {
            scope.spawn(run);
        }
        run();
    });
}

/// A queue of work.
pub(super) fn queue() -> (Workers, Receiver<Job>) {
    let (jobs, queue) = std::sync::mpsc::channel();
    (Workers::new(jobs), queue)
}
