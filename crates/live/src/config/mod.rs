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
