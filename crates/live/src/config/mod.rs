//! The agent's configuration: merges files and flags into checked settings.
//!
//! [`Layer`] has the settings of one source. [`load`] merges those of files and flags, checks the
//! result and returns [`Settings`], or all errors, a sentence each.

mod check;
mod destination;
mod environment;
mod files;
mod keys;
mod layer;
mod timing;

pub use destination::{
    AzureCloud, AzureSettings, DestinationSettings, GoogleSettings, RoleSettings, S3Encryption,
    S3Settings,
};
pub use environment::Environment;
pub use files::ConfigPath;
pub use layer::{
    ApiLayer, AzureLayer, GoogleLayer, Layer, LocalLayer, LogLayer, LoginLayer, S3Layer,
    SnapshotLayer,
};

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

/// Settings with warnings.
#[derive(Debug, Clone, PartialEq)]
pub struct Checked {
    /// The settings.
    pub settings: Settings,
    /// The warnings, a sentence each.
    pub warnings: Vec<String>,
}

/// All errors of a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("invalid configuration:\n  {}", .0.join("\n  "))]
pub struct ConfigError(pub Vec<String>);

/// Merges files and flags and checks the result. Files are read in the given order, and later ones
/// override earlier ones. Flags override files, and files override environment variables. `client`
/// has the flags for reaching Consul.
///
/// # Errors
/// All errors, not only the first.
pub fn load(
    paths: &[ConfigPath],
    flags: Layer,
    client: ClientOptions,
    environment: &Environment,
) -> Result<Checked, ConfigError> {
    let mut mistakes = keys::Mistakes::default();
    let mut layer = files::read(paths, &mut mistakes);
    destination::overlay_flags(&mut layer, flags, &mut mistakes);
    let checked = check::check(layer, client, environment, &mut mistakes);
    match checked {
        Some(mut checked) if mistakes.0.is_empty() => {
            checked.warnings.extend(files::open_to_others(paths));
            Ok(checked)
        }
        _ => Err(ConfigError(mistakes.0)),
    }
}
