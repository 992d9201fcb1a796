//! When requests are sent: pauses before retries, and the maximum rate.

use crate::client::ClientError;
use std::cell::Cell;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(4);

/// Waits before a request is repeated: longer each time, and not in step with other clients.
pub(super) async fn pause(repetition: u32) {
    let pause =
        FIRST_PAUSE.saturating_mul(1 << repetition.saturating_sub(1).min(10)).min(LONGEST_PAUSE);
    sleep(pause.mul_f64(0.75 + fastrand::f64() / 2.0)).await;
}

/// Limits the number of writes per second.
#[derive(Debug)]
pub(super) struct Pace {
    /// The time between two writes; `None` without a limit.
    each: Option<Duration>,
    next: Cell<Instant>,
}

impl Pace {
    pub(super) fn new(per_second: Option<u32>) -> Self {
        let each = per_second.map(|rate| Duration::from_secs(1) / rate.max(1));
        Self { each, next: Cell::new(Instant::now()) }
    }

    /// Waits until this number of writes may be sent.
    pub(super) async fn take(&self, writes: usize) {
        let Some(each) = self.each else { return };
        let at = self.next.get().max(Instant::now());
        self.next.set(at + each.saturating_mul(u32::try_from(writes).unwrap_or(u32::MAX)));
        sleep_until(at).await;
    }
}

/// Whether an error says nothing about the object: the same request may succeed later. A status of 500 is
/// also the answer to objects that servers refuse.
pub(super) fn is_of_the_moment(error: &ClientError) -> bool {
    const SIGNS: [&str; 12] = [
        "No cluster leader",
        "leadership",
        "not the leader",
        "node is not",
        "rpc error",
        "RPC",
        "EOF",
        "timed out",
        "timeout",
        "connection re",
        "Raft leader not found",
        "shutdown",
    ];
    match error {
        ClientError::Status { status: 500, message, .. } => {
            message.is_empty() || SIGNS.iter().any(|sign| message.contains(sign))
        }
        error => error.is_passing(),
    }
}
