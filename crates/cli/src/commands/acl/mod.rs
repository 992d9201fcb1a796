//! `acl`: who can do what, and why.

mod asked;
mod basis;
mod can;
mod check;
mod explain;
mod origin;
mod token;
mod who_can;

#[cfg(any(feature = "live", feature = "tui"))]
pub(crate) use basis::BasisArgs;
#[cfg(feature = "tui")]
pub(crate) use can::asked;
#[cfg(feature = "tui")]
pub(crate) use who_can::{COLUMNS, login_line, refused_line, row};

use crate::exit::Exit;
use anyhow::Result;
use clap::{Args, Subcommand};

/// Show who can do what, and which rule decides
///
/// Answers match the server that wrote the snapshot: its version and datacenter are read from the
/// snapshot, and expiry is evaluated at the time it was taken. Snapshots do not record the default
/// policy; it is assumed to be "deny" unless you set it. No SecretID is ever printed.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope acl who-can operator write backup.snap
  snapscope acl can anonymous service read web backup.snap --default-policy allow
  snapscope acl explain anonymous backup.snap")]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct AclArgs {
    #[command(subcommand)]
    command: AclCommand,
}

#[derive(Debug, Subcommand)]
enum AclCommand {
    Check(check::CheckArgs),
    Can(can::CanArgs),
    WhoCan(who_can::WhoCanArgs),
    Explain(explain::ExplainArgs),
}

pub(crate) fn run(args: &AclArgs) -> Result<Exit> {
    match &args.command {
        AclCommand::Check(args) => check::run(args),
        AclCommand::Can(args) => can::run(args),
        AclCommand::WhoCan(args) => who_can::run(args),
        AclCommand::Explain(args) => explain::run(args),
    }
}
