//! The snapshot agent: takes a snapshot every interval while it leads, or a single one.
//!
//! ```text daemon: a cycle for each configuration registration   the service and its checks, kept
//! up to date http           /metrics, /healthz lead           lock -> take, take, take -> given up
//! or lost -> lock ... round          the snapshot of one turn of the schedule, and which
//! destinations have it take: download -> verify -> for each destination without it: store ->
//! sidecar -> retention ```
//!
//! Every write needs a [`Lease`](crate::store::Lease) that ends with the lock: when the lock is
//! lost, all work stops, and nothing appears under a final name.

mod context;
mod cycle;
mod daemon;
mod download;
mod failure;
mod health;
mod holder;
mod http;
mod lead;
mod lock;
mod login;
mod metrics;
mod once;
mod process;
mod registration;
mod round;
mod run;
mod scratch;
mod signals;
mod take;
mod turn;

pub use failure::{Failure, Stage};
pub use lock::{LOCK_DELAY, SESSION_TTL};
pub use registration::{ALIVE, SAVING};
pub use run::{Agent, AgentError};

/// Runs an agent: until a signal, or, without an interval, until its single snapshot is stored.
///
/// # Errors
/// [`AgentError`]; once an agent with an interval runs, it continues after every failure.
pub fn run(agent: Agent) -> Result<(), AgentError> {
    let ran = if agent.settings.schedule.is_some() {
        crate::block_on(daemon::run(agent))
    } else {
        crate::block_on(once::run(agent))
    };
    ran.unwrap_or_else(|e| Err(AgentError::System(e)))
}
