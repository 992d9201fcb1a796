//! Ends on a signal without leaving files.

use std::io;

/// A signal asked the process to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("interrupted")]
pub struct Interrupted;

/// Runs a future until it is done or a signal asks the process to end (SIGINT, SIGTERM, SIGHUP).
/// The future is then dropped, which removes its files.
///
/// # Errors
/// [`Interrupted`], or the system's refusal to deliver signals.
pub async fn until_interrupted<T>(
    future: impl Future<Output = T>,
) -> io::Result<Result<T, Interrupted>> {
    #[cfg(unix)]
    let signal = {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hangup = signal(SignalKind::hangup())?;
        async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
        }
    };
    #[cfg(not(unix))]
    let signal = tokio::signal::ctrl_c();
    tokio::select! {
        done = future => Ok(Ok(done)),
        _ = signal => Ok(Err(Interrupted)),
    }
}
