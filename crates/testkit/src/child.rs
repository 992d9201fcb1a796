//! Child processes with a time limit.

use std::process::Child;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Waits for a child to end. Returns whether it did.
pub(crate) fn wait_bounded(child: &mut Child, patience: Duration) -> bool {
    let begin = Instant::now();
    while begin.elapsed() < patience {
        if !matches!(child.try_wait(), Ok(None)) {
            return true;
        }
        sleep(Duration::from_millis(20));
    }
    false
}
