//! The limit of open files.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors reserved for other uses than connections.
const OTHERS: u64 = 64;

/// Maximum number of connections.
const CONNECTIONS: u64 = 10_000;

/// Raises the limit of open files as far as the system permits. Returns the maximum number of
/// connections.
pub(super) fn connections() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let wanted = CONNECTIONS + OTHERS;
    let highest = limit.maximum.unwrap_or(u64::MAX);
    let mut current = limit.current.unwrap_or(u64::MAX);
    if current < wanted {
        let raised = Rlimit { current: Some(wanted.min(highest)), maximum: limit.maximum };
        if setrlimit(Resource::Nofile, raised).is_ok() {
            current = wanted.min(highest);
        }
    }
    usize::try_from(current.min(wanted).saturating_sub(OTHERS).max(1)).unwrap_or(1)
}
