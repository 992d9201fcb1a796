//! The agent's configuration: merges files and flags into checked settings.
//!
//! [`Layer`] has the settings of one source. [`load`] merges those of files and flags, checks the
//! result and returns `Settings`, or all errors, a sentence each.

mod check;
mod destination;
mod files;
mod keys;
mod layer;
mod timing;

pub use check::Checked;
pub use files::ConfigPath;
pub use keys::ValueKind;
pub use layer::{
    ApiLayer, AzureLayer, CLUSTER, ConsistencyLayer, GoogleLayer, KeepLayer, Layer, LocalLayer,
    LogLayer, LoginLayer, S3Layer, Setting, SnapshotLayer, settings,
};

use crate::client::ClientOptions;
use crate::settings::Environment;

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
