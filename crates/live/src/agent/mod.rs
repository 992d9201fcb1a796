//! The snapshot agent: takes a snapshot every interval while it leads, or a single one.
//!
//! ```text
//! daemon: a cycle for each configuration
//!   registration   the service and its checks, kept up to date
//!   http           /metrics, /healthz
//!   lead           lock -> take, take, take -> given up or lost -> lock ...
//!   round          the snapshot of one turn of the schedule, and which destinations have it
//! take: download -> verify -> for each destination that lacks it: store -> sidecar -> retention
//! ```
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
mod scratch;
mod signals;
mod take;

pub use failure::{Failure, Stage};
pub use lock::{LOCK_DELAY, SESSION_TTL};
pub use registration::{ALIVE, SAVING};

use crate::config::{Checked, ConfigError};
use crate::log::Log;
use crate::settings::{Environment, Settings};
use std::io;
use std::net::SocketAddr;

/// An agent to run.
pub struct Agent {
    /// Its settings.
    pub settings: Settings,
    /// Reads the configuration again.
    pub reload: Box<dyn Fn() -> Result<Checked, ConfigError>>,
    /// Its log.
    pub log: Log,
    /// The environment variables for stores.
    pub environment: Environment,
}

/// Why an agent ended unexpectedly.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AgentError {
    /// The single snapshot failed.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The single snapshot could not be started.
    #[error("{0}")]
    Begin(String),
    /// A signal came before the single snapshot was stored everywhere; with where it is stored.
    #[error("stopped by a signal before the snapshot was stored everywhere; {0}")]
    Stopped(String),
    /// Metrics cannot be served.
    #[error("cannot serve metrics at {address}: {error}")]
    Metrics {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// The runtime or signal handlers cannot be started.
    #[error("cannot start the runtime or its signal handlers: {0}")]
    System(io::Error),
}

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
