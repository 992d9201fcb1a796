//! What an agent works by.

use super::destination::DestinationSettings;
use crate::client::{ClientOptions, Secret};
use crate::log::{Facility, Level};
use crate::retention::Policy;
use crate::schedule::Schedule;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// What an agent works by, checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// How Consul is reached.
    pub client: ClientOptions,
    /// A login that gives the token.
    pub login: Option<LoginSettings>,
    /// The least severe lines that are logged.
    pub log_level: Level,
    /// Where in syslog lines go too.
    pub syslog: Option<Facility>,
    /// When snapshots are due; `None` is a single one.
    pub schedule: Option<Schedule>,
    /// Which snapshots are kept.
    pub keep: Policy,
    /// Name of the service that is registered.
    pub service: String,
    /// After how long Consul forgets an agent that is gone; zero is never.
    pub deregister_after: Duration,
    /// The key that agents hold while they lead.
    pub lock_key: String,
    /// Failures in a row after which leadership is given up.
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
    /// What proves who we are.
    pub bearer: Bearer,
    /// What is kept with the token.
    pub meta: BTreeMap<String, String>,
}

/// Where the token that proves who we are comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bearer {
    /// It is given.
    Token(Secret),
    /// A file, read anew for each login.
    File(PathBuf),
}
