//! Waits at the start until it is clear that there is something to serve.

use crate::state::{OpenFailed, Ready};
use std::time::Duration;
use tokio::time::{Instant, timeout_at};

/// How long the server waits for the first records. A large snapshot is served while it is read, and
/// its first record comes at once; a slow pipe may need longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// Waits until the first record of every snapshot is read.
///
/// # Errors
/// The first snapshot that turns out to have nothing to serve.
pub(super) async fn begin<'r>(
    readies: impl Iterator<Item = &'r mut Ready>,
) -> Result<(), OpenFailed> {
    let end = Instant::now() + PATIENCE;
    for ready in readies {
        let begun = timeout_at(end, &mut ready.begun).await;
        // Without a record, the reading has ended, and its result is there.
        if matches!(begun, Ok(Err(_)))
            && let Ok(result) = (&mut ready.indexed).await
        {
            ready.indexed = kept(result?);
        }
    }
    Ok(())
}

/// A result for those who wait for it later.
fn kept<T>(result: T) -> tokio::sync::oneshot::Receiver<Result<T, OpenFailed>> {
    let (send, receive) = tokio::sync::oneshot::channel();
    // The receiver is right here.
    let _ = send.send(Ok(result));
    receive
}
