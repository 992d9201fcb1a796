//! The agent's flags: those of `consul snapshot agent`, derived from the table of settings, as a
//! layer over the config files.

use crate::api_flags::ApiFlags;
use clap::builder::{BoolValueParser, StringValueParser, TypedValueParser as _};
use clap::error::Error;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, value_parser};
use serde_json::{Map, Value};
use snapscope_live::client::ClientError;
use snapscope_live::config::{
    CLUSTER, Checked, ConfigError, ConfigPath, KeepLayer, Layer, Setting, ValueKind, load, settings,
};
use snapscope_live::parse_duration;
use snapscope_live::settings::Environment;
use std::path::PathBuf;

/// The agent's settings. The config files supply what no flag sets.
#[derive(Debug, Clone, Args)]
pub(crate) struct AgentFlags {
    /// A JSON file with a snapshot_agent object; may be repeated, later files override earlier ones
    #[arg(long, value_name = "PATH")]
    config_file: Vec<PathBuf>,
    /// A folder whose .json files are read in order of their names; may be repeated
    #[arg(long, value_name = "PATH")]
    config_dir: Vec<PathBuf>,
    #[command(flatten)]
    settings: SettingFlags<false>,
    #[command(flatten)]
    api: ApiFlags,
}

/// The flags that say which snapshots are kept.
pub(crate) type KeepFlags = SettingFlags<true>;

/// The flags of settings: all that have their own flag, or only those about retention.
#[derive(Debug, Clone)]
pub(crate) struct SettingFlags<const RETENTION: bool>(Layer);

impl KeepFlags {
    /// Which snapshots are kept.
    pub(crate) const fn keep(&self) -> &KeepLayer {
        &self.0.keep
    }
}

/// The settings with flags of their own.
fn own(retention: bool) -> impl Iterator<Item = &'static Setting> {
    let is_retention = |setting: &Setting| KeepLayer::SETTINGS.contains(setting);
    settings().filter(move |setting| {
        let has_own = !setting.flag.is_empty() && setting.heading != CLUSTER;
        has_own && (!retention || is_retention(setting))
    })
}

/// The argument of a setting. Where defaults do not apply, as in `prune`, none is shown.
fn arg(setting: &'static Setting, has_default: bool) -> Arg {
    let mut help = setting.about.trim().to_owned();
    if has_default && !setting.default.is_empty() && setting.kind != ValueKind::Bool {
        help.push_str(&format!(" [default: {}]", setting.default));
    }
    let arg =
        Arg::new(setting.flag).long(setting.flag).help(help).help_heading(match setting.heading {
            "" => None,
            heading => Some(heading),
        });
    let arg = match setting.value_name {
        "" => arg.value_name("VALUE").hide(true),
        name => arg.value_name(name),
    };
    match setting.kind {
        ValueKind::Text | ValueKind::Secret => {
            arg.value_parser(StringValueParser::new().map(Value::from))
        }
        ValueKind::Number => arg.value_parser(value_parser!(u64).map(Value::from)),
        ValueKind::Duration => {
            arg.value_parser(|text: &str| parse_duration(text).map(|_| Value::from(text)))
        }
        ValueKind::Texts => arg.action(ArgAction::Append).value_parser(key_value),
        ValueKind::Bool => arg
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true")
            .hide_possible_values(true)
            .value_parser(BoolValueParser::new().map(Value::from)),
    }
}

/// Wraps a text in an object, under its name.
fn key_value(text: &str) -> Result<Value, String> {
    let (key, value) =
        text.split_once('=').ok_or_else(|| format!("expected KEY=VALUE, not {text:?}"))?;
    Ok(Map::from_iter([(key.to_owned(), value.into())]).into())
}

impl<const RETENTION: bool> Args for SettingFlags<RETENTION> {
    fn augment_args(command: Command) -> Command {
        own(RETENTION).fold(command, |command, setting| command.arg(arg(setting, !RETENTION)))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl<const RETENTION: bool> FromArgMatches for SettingFlags<RETENTION> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, Error> {
        let given = own(RETENTION).filter_map(|setting| {
            let values = matches.get_many::<Value>(setting.flag)?.cloned();
            // Flags of the form KEY=VALUE may be repeated.
            let value = values.reduce(|mut all, one| match (all.as_object_mut(), one) {
                (Some(all_of), Value::Object(one)) => {
                    all_of.extend(one);
                    all
                }
                (_, one) => one,
            });
            Some((setting, value?))
        });
        Ok(Self(Layer::of_flags(given)))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl AgentFlags {
    /// Merges files, flags and variables, and checks the result.
    pub(crate) fn load(&self, environment: &Environment) -> Result<Checked, ConfigError> {
        let client =
            self.api.options().map_err(|e: ClientError| ConfigError(vec![e.to_string()]))?;
        load(&self.paths(), self.settings.0.clone(), client, environment)
    }

    fn paths(&self) -> Vec<ConfigPath> {
        let files = self.config_file.iter().cloned().map(ConfigPath::File);
        files.chain(self.config_dir.iter().cloned().map(ConfigPath::Folder)).collect()
    }
}
