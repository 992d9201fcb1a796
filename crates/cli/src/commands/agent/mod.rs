//! `agent`: snapshots at intervals, taken by the leader among several agents.

mod flags;

pub(crate) use flags::KeepFlags;

use crate::exit::Exit;
use crate::render::escape::one_line;
use crate::terminal::{self, say};
use anyhow::{Result, anyhow};
use clap::{Args, Subcommand};
use flags::AgentFlags;
use snapscope_live::agent::{Agent, AgentError, Stage, run as run_agent};
use snapscope_live::config::Checked;
use snapscope_live::log::{Log, Syslog};
use snapscope_live::retention::Policy;
use snapscope_live::settings::{DestinationSettings, Environment, Settings};
use std::io::Write as _;

/// Take snapshots at intervals, store them, remove old ones
///
/// A drop-in for `consul snapshot agent`, with its flags, config files and defaults. Of several
/// agents with the same lock key, one leads and takes the snapshots. Each snapshot is fully
/// verified (archive, hashes, every record) before it is stored, with a sidecar beside it that
/// describes it. With -interval=0 a single snapshot is taken, without leadership or registration.
///
/// If ACLs are enabled, the token needs acl = "write", key "LOCK KEY" { policy = "write" }, session
/// "NODE" { policy = "write" } and service "SERVICE" { policy = "write" }.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "Examples:
  snapscope agent -interval=0 -local-path backups
  snapscope agent -config-file agent.json -metrics 127.0.0.1:9107
  snapscope agent validate -config-file agent.json

A configuration, such as agent.json; docs/agent.md has all settings:
  {
    \"snapshot_agent\": {
      \"http_addr\": \"127.0.0.1:8500\",
      \"token_file\": \"/etc/snapscope/token\",
      \"snapshot\": { \"interval\": \"1h\", \"retain\": 48, \"keep_daily\": 14 },
      \"backup_destinations\": {
        \"local_storage\": [{ \"path\": \"/var/backups/consul\" }],
        \"aws_storage\": [{
          \"s3_region\": \"eu-central-1\", \"s3_bucket\": \"backups\"
        }]
      }
    }
  }"
)]
pub(crate) struct AgentArgs {
    #[command(subcommand)]
    command: Option<AgentCommand>,
    #[command(flatten)]
    flags: AgentFlags,
}

#[derive(Debug, Subcommand)]
enum AgentCommand {
    /// Check a configuration and report everything that is wrong
    ///
    /// No connections are made. The exit code is 1 if something is wrong.
    #[command(after_help = "Examples:
  snapscope agent validate -config-file agent.json
  snapscope agent validate -config-dir agent.d -interval 30m")]
    Validate(Box<AgentFlags>),
}

pub(crate) fn run(args: AgentArgs) -> Result<Exit> {
    let environment = Environment::of_process();
    if let Some(AgentCommand::Validate(flags)) = &args.command {
        return validate(flags, &environment);
    }
    let flags = args.flags;
    let Checked { settings, warnings } = flags.load(&environment)?;
    let syslog = settings.syslog.map(Syslog::local).transpose();
    let syslog = syslog.map_err(|e| anyhow!(Syslog::unreachable(&e)))?;
    let log = Log::new(settings.log_level, syslog);
    for warning in warnings {
        log.warn(warning);
    }
    let again = environment.clone();
    let reload = Box::new(move || flags.load(&again));
    match run_agent(Agent { settings, reload, log, environment }) {
        Ok(()) => Ok(Exit::Done),
        Err(AgentError::Failed(failure)) if failure.stage == Stage::Verify => {
            let message = one_line(failure.to_string().as_bytes());
            say!("snapscope: {message}");
            Ok(Exit::Damaged)
        }
        Err(e) => Err(e.into()),
    }
}

fn validate(flags: &AgentFlags, environment: &Environment) -> Result<Exit> {
    let mut out = terminal::out();
    match flags.load(environment) {
        Ok(Checked { settings, warnings }) => {
            for warning in warnings {
                writeln!(out, "warning: {}", one_line(warning.as_bytes()))?;
            }
            writeln!(out, "The configuration is valid: {}", summary(&settings))?;
            Ok(Exit::Done)
        }
        Err(e) => {
            for mistake in &e.0 {
                writeln!(out, "wrong: {}", one_line(mistake.as_bytes()))?;
            }
            Ok(Exit::Found)
        }
    }
}

/// Describes what is kept.
fn kept(keep: &Policy) -> String {
    if keep.keeps_all() {
        return "all are kept".to_owned();
    }
    let mut kept = vec![keep.retain.to_string()];
    for (count, what) in [
        (keep.hourly, "hourly"),
        (keep.daily, "daily"),
        (keep.weekly, "weekly"),
        (keep.monthly, "monthly"),
    ] {
        if count > 0 {
            kept.push(format!("{count} {what}"));
        }
    }
    kept.extend(keep.within.map(|within| format!("all within {within}")));
    format!("{} are kept", kept.join(" + "))
}

/// Describes in one line what such an agent would do.
fn summary(settings: &Settings) -> String {
    let when = match &settings.schedule {
        Some(schedule) => format!("a snapshot {schedule}"),
        None => "a single snapshot".to_owned(),
    };
    let kept = kept(&settings.keep);
    let places: Vec<String> = settings
        .destinations
        .iter()
        .map(|destination| match destination {
            DestinationSettings::Local(path) if path.as_os_str() == "." => {
                "the current folder".to_owned()
            }
            other => one_line(other.name().as_bytes()),
        })
        .collect();
    format!("{when}, {kept}, stored in {}", places.join(", "))
}
