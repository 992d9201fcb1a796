//! Where asynchronous code runs.

use std::io;

/// Runs a future to its end on a runtime of this thread.
///
/// # Errors
/// If the system cannot provide what a runtime needs.
pub fn block_on<F: Future>(future: F) -> io::Result<F::Output> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(future))
}

/// Runs slow work on another thread, while the tasks here continue.
///
/// # Errors
/// If the work panics.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(io::Error::other)
}

/// Runs work on a thread that the end of the runtime does not wait for: a request that may never be
/// answered, or a computation whose result is not needed after an interruption.
///
/// # Errors
/// If the system has no thread left, or the work panics.
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
