//! An agent to run, and the errors that end it.

use super::failure::Failure;
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
