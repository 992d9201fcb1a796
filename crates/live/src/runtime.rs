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
