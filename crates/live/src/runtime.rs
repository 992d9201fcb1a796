//! Where asynchronous code runs.

use std::io;

/// Runs a future to its end on a runtime of this thread.
///
/// # Errors
/// When the system gives no runtime what it needs.
pub fn block_on<F: Future>(future: F) -> io::Result<F::Output> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(future))
}
