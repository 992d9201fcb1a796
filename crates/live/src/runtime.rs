//! Where asynchronous code runs.

use std::io;

/// Runs a future to its end on a runtime of this thread.
///
/// # Errors
/// When the system gives no runtime what it needs.
pub fn block_on<F: Future>(future: F) -> io::Result<F::Output> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(future))
}

/// Does work that takes its time on another thread, while what was begun here goes on.
///
/// # Errors
/// When the work panics.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)
}

/// Does work on a thread of its own, for which the end of the runtime does not wait: a question to
/// somebody who may never answer, or a computation whose result nobody needs after an interruption.
///
/// # Errors
/// When the system has no thread left, or the work panics.
pub async fn detached<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    let (done, result) = tokio::sync::oneshot::channel();
    std::thread::Builder::new().spawn(move || {
        // After an interruption nobody receives it.
        let _ = done.send(work());
    })?;
    result.await.map_err(io::Error::other)
}
