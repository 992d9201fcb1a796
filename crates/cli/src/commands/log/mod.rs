//! `log`: what is in a server's Raft log, who wrote it, and when.

pub(crate) mod batch;
mod deep;
mod effects;
pub(crate) mod filters;
mod follow;
pub(crate) mod index;
mod learned;
pub(crate) mod line;
pub(crate) mod nothing;
mod place;
pub(crate) mod print;
mod reader;
mod requested;
mod show;
mod stats;
mod workers;

use crate::exit::Exit;
use crate::form::Form;
use crate::log_damage::Losses;
use crate::reading::ReadArgs;
use crate::server_log::ServerLog;
use anyhow::{Result, bail};
use batch::Batch;
use clap::{Args, Subcommand};
use effects::Effects;
use filters::{Filters, LinesArgs};
use line::Line;
use print::{Printer, Rendered, head, render};
use reader::Reader;
use snapscope_objects::value::Tape;
use snapscope_raftlog::{Follower, LogFinding};
use std::path::{Path, PathBuf};

/// List the writes in a server's Raft log: when, by whom, to what
///
/// Each entry has a line, and so has each operation of a transaction, oldest first. The author of
/// a write is the token that was used. Tokens are looked up in the server's snapshots and in the
/// log itself; ACL changes and the servers' own writes name no token. Times are from the leader's
/// clock; servers before about 1.10 don't record them. The last entries may never have been
/// committed. With --limit, reading stops after the last line.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_help = "Examples:
  snapscope log /opt/consul/data
  snapscope log /opt/consul/data --object kv/app --since 2026-11-23T10:00:00Z -n 20
  snapscope log /opt/consul/data --filter 'op == delete and who == \"deploy\"' -o jsonl
  snapscope log /opt/consul/data --follow --object kv/app
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
    /// A server's data directory, its raft folder, a raft.db, or a wal folder; the server may be
    /// running
    #[arg(value_name = "DATA_DIR", required = true)]
    place: Option<PathBuf>,
    #[command(flatten)]
    lines: LinesArgs,
    /// Do not determine whether writes changed anything; much faster, and needs little memory
    #[arg(long)]
    no_effects: bool,
    /// Keep printing entries as a running server writes them, until interrupted or past --until
    /// INDEX
    #[arg(short, long)]
    follow: bool,
    /// Also show entries that are still in the files but no longer in the log: removed, replaced or
    /// never committed
    #[arg(long)]
    deep: bool,
    #[command(flatten)]
    read: ReadArgs,
}

impl LogArgs {
    /// Whether it prints entries as they are written.
    pub(crate) const fn follows(&self) -> bool {
        self.list.follow
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
    let LinesArgs { filters, limit, output, manifest } = &args.lines;
    let output = *output;
    if args.follow && output == Form::Json {
        bail!("--follow has no end, so it can't be one JSON value; use -o jsonl");
    }
    let server = ServerLog::find(place)?;
    let manifest = manifest.stage()?;
    let mut filters = Filters::new(filters, &Line::shape(), &[&server])?;
    let effects = match (args.no_effects, args.follow) {
        (true, _) => Effects::None,
        (false, false) => Effects::OfThese,
        (false, true) => Effects::OfLater,
    };
    let mut reader = Reader::prepare(&server, &args.read, effects, filters.last_index())?;
    let carved =
        if args.deep { deep::carved(&server, &mut reader.identities)? } else { Vec::new() };
    filters.know(&reader.identities)?;
    reader.state.requested = filters.requested().cloned();
    let mut printer = Printer::begin(output, &head(""), &Line::fields(), *limit)?;
    let mut follower = Follower::new(server.log.clone(), 0);
    let findings = {
        let Reader { identities, entries, state, .. } = &mut reader;
        let identities = &*identities;
        let work = |batch: Batch| {
            let (mut rendered, mut tape) = (Rendered::default(), Tape::new());
            batch.lines(identities, &mut |line| {
                if filters.shows(line, &mut tape) {
                    rendered.add(|text| render(line, output, text));
                }
            });
            rendered
        };
        let take = |rendered: Rendered| printer.lines(&rendered);
        let prepare = |batch: &mut Batch| state.apply(batch);
        workers::in_order(args.read.jobs().0, prepare, work, take, |give| {
            for batch in carved {
                if give(batch).is_break() {
                    return Ok(Vec::new());
                }
            }
            entries.each(&server, &mut |entry| follower.saw(entry.index, entry.term), give)
        })?
    };
    // The writes of a running server are acknowledged a moment later.
    let is_lasting = |finding: &LogFinding| !matches!(finding, LogFinding::Unacknowledged { .. });
    let findings: Vec<LogFinding> =
        findings.into_iter().filter(|finding| !args.follow || is_lasting(finding)).collect();
    let mut losses = Losses::of_log(&findings);
    losses.absorb(reader.losses.clone());
    if args.follow && follower.next() <= filters.last_index() && !printer.is_full() {
        printer.flush()?;
        let lost = follow::follow(follower, &mut reader, &filters, output, &mut printer)?;
        losses.absorb(lost);
    }
    printer.end(losses.incomplete().as_ref())?;
    printer.say_stopped();
    if printer.is_empty() && !args.follow {
        nothing::explain(&server, &filters, &args.read)?;
    }
    manifest.write(&[&server], None)?;
    Ok(losses.exit())
}
