//! The agent's configuration: files and flags in, checked settings out.
//!
//! [`Layer`] is what one source says. [`load`] joins the files' and the flags', checks the whole and
//! gives [`Settings`], or all that is wrong, a sentence each.

mod check;
mod destination;
mod environment;
mod files;
mod keys;
mod layer;
mod settings;
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
pub use settings::{Bearer, Checked, ConfigError, LoginSettings, Settings};

use crate::client::ClientOptions;

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
