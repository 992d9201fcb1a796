//! `log`: what is in a server's Raft log, who wrote it, and when.

mod filters;
mod line;
mod print;
mod reader;
mod show;
mod stats;

use crate::exit::Exit;
use crate::form::{Form, forms};
use crate::reading::ReadArgs;
use crate::server_log::{ServerLog, report};
use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use filters::{FilterArgs, Filters};
use print::Printer;
use reader::{Lines, Selected};
use std::path::{Path, PathBuf};

/// List the writes in a server's Raft log: when, by whom, to what
///
/// A line for each entry, and one for each operation of a transaction, oldest first. Who wrote it is the
/// token that was used, by the tokens of the server's snapshots and by those the log itself creates; ACL
/// changes and what servers write themselves name none. Times are those of the leader's clock; servers
/// before 1.10 or so don't write them. The last entries may never have been committed.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "Examples:
  snapscope log /opt/consul/data
  snapscope log /opt/consul/data --object kv/app --since 2026-11-23T10:00:00Z
  snapscope log /opt/consul/data --filter 'op == delete and who == \"deploy\"' -o jsonl
  snapscope log show 12345 /opt/consul/data
  snapscope log stats --by object raft.db")]
pub(crate) struct LogArgs {
    #[command(subcommand)]
    command: Option<LogCommand>,
    #[command(flatten)]
    list: ListArgs,
}

#[derive(Debug, Subcommand)]
enum LogCommand {
    Show(show::ShowArgs),
    Stats(stats::StatsArgs),
}

#[derive(Debug, Args)]
struct ListArgs {
    /// A server's data directory, its raft folder, a raft.db, or a wal folder; a server may be running
    #[arg(value_name = "DATA_DIR", required = true)]
    place: Option<PathBuf>,
    #[command(flatten)]
    filters: FilterArgs,
    /// Do not say whether writes changed anything; much faster, and in little memory
    #[arg(long)]
    no_effects: bool,
    /// Output format
    #[arg(short, long, value_parser = forms(&["table", "json", "jsonl", "csv"]), default_value = "table")]
    output: Form,
    #[command(flatten)]
    read: ReadArgs,
}

/// Where a log is.
#[derive(Debug, Clone, Args)]
pub(crate) struct PlaceArg {
    /// A server's data directory, its raft folder, a raft.db, or a wal folder; a server may be running
    #[arg(value_name = "DATA_DIR")]
    place: PathBuf,
}

impl PlaceArg {
    pub(crate) fn path(&self) -> &Path {
        &self.place
    }
}

pub(crate) fn run(args: &LogArgs) -> Result<Exit> {
    match (&args.command, &args.list.place) {
        (Some(LogCommand::Show(args)), _) => show::run(args),
        (Some(LogCommand::Stats(args)), _) => stats::run(args),
        (None, Some(place)) => list(&args.list, place),
        (None, None) => bail!("name a data directory"),
    }
}

fn list(args: &ListArgs, place: &Path) -> Result<Exit> {
    let server = ServerLog::find(place)?;
    let mut filters = Filters::new(&args.filters, &server)?;
    let mut lines = Lines::prepare(&server, &args.read, !args.no_effects, filters.last_index())?;
    let mut printer = Printer::begin(args.output)?;
    let findings = lines.each(&server, &mut |line| {
        Ok(match filters.select(&line) {
            Selected::Shown => {
                printer.line(&line)?;
                Selected::Shown
            }
            other => other,
        })
    })?;
    printer.end()?;
    Ok(if report(&findings) || lines.is_damaged() { Exit::Damaged } else { Exit::Done })
}
