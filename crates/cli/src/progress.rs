//! Progress on standard error for anything that takes longer than a second.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Shows how much of a file was read, until it is dropped.
pub(crate) struct Progress {
    seen: Arc<AtomicU64>,
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// Delay before anything is shown.
const PATIENCE: Duration = Duration::from_secs(1);
const EVERY: Duration = Duration::from_millis(100);

impl Progress {
    /// Starts to watch a reader; `size` is the number of bytes to read, if known.
    pub(crate) fn start(size: Option<u64>) -> Self {
        Self::watch("reading", size, Arc::new(AtomicU64::new(0)))
    }

    /// Watches a counter of bytes that will reach `size`, if known. Shows nothing if standard error
    /// is not a terminal.
    pub(crate) fn watch(doing: &'static str, size: Option<u64>, seen: Arc<AtomicU64>) -> Self {
        if !crate::terminal::errors_are_seen() {
            return Self { seen, stop: None, thread: None };
        }
        let counter = Arc::clone(&seen);
        let (stop, stopped) = channel::<()>();
        let thread = std::thread::spawn(move || {
            if stopped.recv_timeout(PATIENCE) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            if crate::terminal::is_paged() {
                return;
            }
            let bar = match size {
                Some(size) => ProgressBar::new(size),
                None => ProgressBar::new_spinner(),
            };
            bar.set_draw_target(ProgressDrawTarget::stderr());
            let template = if size.is_some() {
                "{prefix} {wide_bar} {bytes}/{total_bytes} {eta}"
            } else {
                "{prefix} {spinner} {bytes}"
            };
            bar.set_prefix(doing);
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style);
            }
            // Both would draw on the same terminal.
            while !crate::terminal::is_paged()
                && stopped.recv_timeout(EVERY) == Err(RecvTimeoutError::Timeout)
            {
                bar.set_position(counter.load(Ordering::Relaxed));
            }
            bar.finish_and_clear();
        });
        Self { seen, stop: Some(stop), thread: Some(thread) }
    }

    /// Where the bytes read are counted.
    pub(crate) fn counter(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.seen)
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
