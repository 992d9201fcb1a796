//! The agent's configuration: files and flags in, checked settings out.
//!
//! [`Layer`] is what one source says. [`load`] joins the files' and the flags', checks the whole and
//! gives [`Settings`], or all that is wrong, a sentence each.

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

/// All that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the configuration can't be used:\n  {}", .0.join("\n  "))]
pub struct ConfigError(pub Vec<String>);

/// Joins files and flags and checks the whole. Files are read in the given order, later ones win;
/// flags win over files, those over the variables of the environment. `client` is what the flags
/// say of how Consul is reached.
///
/// # Errors
/// All that is wrong, not just the first.
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
