//! `list`: objects of one kind, as a table or whole.

mod nothing;
mod plan;
mod writer;

use crate::exit::Exit;
use crate::form::{Form, forms, limit};
use crate::kinds::peers;
use crate::reading::{Asked, FileArg, ReadArgs};
use crate::terminal::{self, note, say};
use anyhow::Result;
use clap::Args;
use plan::{Kept, Plan};
use snapscope_analyze::rows::kept;
use snapscope_archive::Verdict;
use snapscope_objects::kinds::KINDS;
use snapscope_objects::row::{Row, RowOptions};
use snapscope_objects::value::{Json, Node};
use snapscope_runs::{Room, Sorter};
use std::io::Write as _;
use std::ops::ControlFlow;
use writer::Writer;

/// List the objects of one kind
///
/// Tables show the most useful columns; JSON and JSON lines have whole objects in the shape of
/// Consul's HTTP API. Filters are Consul's own: `Meta.zone == "a" and Node matches "^web"`. Secrets
/// and values of keys are masked unless you pass --show-secrets.
#[derive(Debug, Args)]
#[command(after_help = kinds_help())]
pub(crate) struct ListArgs {
    /// The type to list: one of those below in the plural or singular, or a record type such as KVS
    #[arg(value_name = "TYPE")]
    kind: String,
    #[command(flatten)]
    file: FileArg,
    /// Only objects that match this expression
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    filter: Option<String>,
    /// List objects imported from this peer, or `all`, instead of the cluster's own
    #[arg(long, value_name = "NAME")]
    peer: Option<String>,
    /// With instances: only instances of this service
    #[arg(long, value_name = "NAME")]
    service: Option<String>,
    /// With config-entries: only entries of this kind
    #[arg(long = "kind", value_name = "KIND")]
    kind_of_entry: Option<String>,
    /// Columns to show, by name or by selector
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    columns: Vec<String>,
    /// Show all columns
    #[arg(long)]
    wide: bool,
    /// Sort by a column or selector; `-NAME` sorts largest first
    #[arg(long, value_name = "COLUMN", allow_hyphen_values = true)]
    sort: Option<String>,
    /// Only keys that start with PREFIX
    #[arg(long, value_name = "PREFIX", allow_hyphen_values = true)]
    prefix: Option<String>,
    /// Show only the first N objects, 0 for all; without --sort reading stops there, so checksums are not
    /// verified
    #[arg(short = 'n', long, value_name = "N", value_parser = limit)]
    limit: Option<u64>,
    /// Print only how many objects there are
    #[arg(long, conflicts_with_all = ["limit", "sort", "columns", "wide"])]
    count: bool,
    /// Show secrets, and the values of keys
    #[arg(long)]
    show_secrets: bool,
    /// Output format
    #[arg(short, long, value_parser = forms(&["table", "json", "jsonl", "csv"]), default_value = "table")]
    output: Form,
    #[command(flatten)]
    read: ReadArgs,
}

fn kinds_help() -> String {
    /// Where the text about a kind begins, and where a line of it ends at the latest.
    const INDENT: usize = 18;
    const WIDTH: usize = 96;
    let most = terminal::width().unwrap_or(WIDTH).clamp(60, WIDTH);
    let mut text = String::from("Types:\n");
    for kind in KINDS {
        let columns: Vec<&str> = kind.columns.iter().map(|c| c.name).collect();
        let about = format!("{}: {}", kind.about, columns.join(", "));
        let mut line = format!("  {:<width$}", kind.name, width = INDENT - 2);
        for word in about.split(' ') {
            if line.len() + 1 + word.len() > most {
                text.push_str(line.trim_end());
                line = format!("\n{:INDENT$}", "");
            }
            if !line.ends_with(' ') {
                line.push(' ');
            }
            line.push_str(word);
        }
        text.push_str(&line);
        text.push('\n');
    }
    text.push_str(
        "
Examples:
  snapscope list services backup.snap
  snapscope list nodes --filter 'Meta.zone == \"a\"' -o json backup.snap
  snapscope list tokens --columns accessor,policies --sort created --limit 10 backup.snap",
    );
    text
}

pub(crate) fn run(args: &ListArgs) -> Result<Exit> {
    let plan = Plan::new(args)?;
    let source = ReadArgs::source(&args.file)?;
    let peers = peers(plan.kind, args.peer.as_deref())?;
    let options = RowOptions { peers, wanted: plan.wanted() };
    let limit = args.limit.unwrap_or(u64::MAX);
    let room = Room::default();
    let mut writer = Writer::new(&plan, &room);
    let mut sorter = Sorter::new(&room);
    let mut count = 0u64;
    let take = |kept: Kept| {
        count += 1;
        if args.count {
            return Ok(ControlFlow::Continue(()));
        }
        if let Some(key) = &kept.sort {
            sorter.push(key, &kept.written())?;
            return Ok(ControlFlow::Continue(()));
        }
        writer.row(kept)?;
        Ok(if count < limit { ControlFlow::Continue(()) } else { ControlFlow::Break(()) })
    };
    let keep = |row: &Row| plan.keep(row);
    let Asked { closing, exit, incomplete, .. } = args.read.ask_of(&source, |blocks| {
        Ok(kept(blocks, args.read.jobs(), plan.kind, &options, |_| true, keep, take)?)
    })?;
    if args.count {
        writeln!(terminal::out(), "{count}")?;
    } else {
        let sorted = sorter.finish()?;
        let mut entries = sorted.entries()?;
        while writer.rows < limit
            && let Some(entry) = entries.next()?
        {
            writer.row(Kept::read(entry.value))?;
        }
        let shown = writer.rows;
        writer.end(incomplete.as_ref())?;
        if shown < count && terminal::is_watched() {
            note!("snapscope: note: {shown} of {count} {} shown", plan.kind.name);
        }
    }
    if closing.integrity.verdict == Verdict::StoppedEarly {
        say!("snapscope: checksums not verified: reading stopped after {}", rows(count));
    }
    if count == 0 {
        nothing::explain(&plan, &source, incomplete.is_some())?;
    }
    Ok(exit)
}

fn rows(count: u64) -> String {
    if count == 1 { "1 row".to_owned() } else { format!("{count} rows") }
}

/// The bytes of a field, of text as stored.
pub(crate) fn bytes_of<'t>(node: Node<'t>) -> &'t [u8] {
    match node.json() {
        Json::Bytes(bytes) | Json::Text(bytes) => bytes,
        _ => &[],
    }
}
