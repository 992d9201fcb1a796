//! What is to run, and why it ended.

use super::failure::Failure;
use crate::config::{Checked, ConfigError, Environment, Settings};
use crate::log::Log;
use std::io;
use std::net::SocketAddr;

/// An agent that is to run.
pub struct Agent {
    /// What it works by.
    pub settings: Settings,
    /// Reads the configuration again.
    pub reload: Box<dyn Fn() -> Result<Checked, ConfigError>>,
    /// Where it tells what it does.
    pub log: Log,
    /// The variables that say how stores are reached.
    pub environment: Environment,
}

/// Why an agent ended otherwise than it should.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AgentError {
    /// The single snapshot failed.
    #[error(transparent)]
    Failed(#[from] Failure),
    /// The single snapshot could not even begin.
    #[error("{0}")]
    Begin(String),
    /// A signal came before the single snapshot was stored everywhere; and where it is.
    #[error("stopped by a signal before the snapshot was stored everywhere; {0}")]
    Stopped(String),
    /// Metrics can't be served.
    #[error("metrics can't be served at {address}: {error}")]
    Metrics {
        /// Where.
        address: SocketAddr,
        /// What the system says.
        error: io::Error,
    },
    /// The system refuses what every process needs.
    #[error("the system gives no signals or no runtime: {0}")]
    System(io::Error),
}
