//! The checked settings of an agent.

use super::destination::DestinationSettings;
use crate::client::{ClientOptions, Secret};
use crate::log::{Facility, Level};
use crate::retention::Policy;
use crate::schedule::Schedule;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// Checked settings of an agent.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// How Consul is reached.
    pub client: ClientOptions,
    /// The login for the token.
    pub login: Option<LoginSettings>,
    /// The lowest level that is logged.
    pub log_level: Level,
    /// The syslog facility, if lines also go to syslog.
    pub syslog: Option<Facility>,
    /// When snapshots are due; `None` is a single one.
    pub schedule: Option<Schedule>,
    /// Which snapshots are kept.
    pub keep: Policy,
    /// Name of the service that is registered.
    pub service: String,
    /// Time after which Consul deregisters an agent that stopped responding; zero is never.
    pub deregister_after: Duration,
    /// The lock key.
    pub lock_key: String,
    /// Consecutive failures after which leadership is given up.
    pub max_failures: u64,
    /// Where downloads are kept until they are verified and stored.
    pub scratch: PathBuf,
    /// Percent by which a snapshot may be smaller than the last before it is marked.
    pub alert_shrink: Option<u8>,
    /// Where metrics are served.
    pub metrics: Option<SocketAddr>,
    /// Where snapshots go; never empty.
    pub destinations: Vec<DestinationSettings>,
}

impl Settings {
    /// The longest time between two snapshots; nothing for a single one.
    #[must_use]
    pub fn longest_pause(&self) -> Duration {
        self.schedule.as_ref().map(Schedule::longest_pause).unwrap_or_default()
    }
}

/// A login for a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginSettings {
    /// Name of the auth method.
    pub method: String,
    /// The bearer token.
    pub bearer: Bearer,
    /// Metadata for the token.
    pub meta: BTreeMap<String, String>,
}

/// The source of the bearer token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bearer {
    /// Configured directly.
    Token(Secret),
    /// A file, read again for each login.
    File(PathBuf),
}
