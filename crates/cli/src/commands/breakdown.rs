//! `breakdown`: what takes the space.

use crate::exit::Exit;
use crate::reading::{FileArg, ReadArgs, incomplete_line};
use crate::render::incomplete::{mark_incomplete, with_line};
use crate::render::long_table::{LongTable, TakeRow};
use crate::render::table::{Cell, Output};
use crate::terminal;
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use snapscope_analyze::{Breakdown, BreakdownReport, By, Group, fold};
use snapscope_objects::json::Sink as _;
use snapscope_runs::{Room, descending};
use std::io::{self, Write};
use std::ops::ControlFlow;

/// Show what takes the space: records and bytes by type, prefix, service, node, kind, policy or
/// namespace
///
/// Counts, sizes and the largest are exact. p50 and p99 are the size that 50 % and 99 % of a
/// group's records do not exceed; they are at most an eighth too large.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope breakdown backup.snap
  snapscope breakdown --by prefix --depth 3 --prefix app/ --limit 10 backup.snap
  snapscope breakdown --by service --sort count -o csv backup.snap")]
pub(crate) struct BreakdownArgs {
    #[command(flatten)]
    file: FileArg,
    /// What to group records by
    #[arg(long, value_enum, default_value_t = Grouping::Type)]
    by: Grouping,
    /// With --by prefix: number of key segments, split at /, that form a group
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = parse_depth)]
    depth: usize,
    /// With --by prefix: only keys that start with PREFIX
    #[arg(long, value_name = "PREFIX", default_value = "", hide_default_value = true)]
    prefix: String,
    /// Sort order; sizes and counts are sorted largest first
    #[arg(long, value_enum, default_value_t = Sort::Size)]
    sort: Sort,
    /// Show only the first groups
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Output format
    #[arg(short, long, value_enum, default_value_t = Output::Table)]
    output: Output,
    #[command(flatten)]
    read: ReadArgs,
}

/// The available groupings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Grouping {
    Type,
    Prefix,
    Service,
    Node,
    Kind,
    Policy,
    Namespace,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Sort {
    Size,
    Count,
    Mean,
    Largest,
    Name,
}

impl Grouping {
    /// Returns the grouping; depth and prefix apply to keys.
    pub(crate) fn by(self, depth: usize, prefix: &str) -> By {
        match self {
            Self::Type => By::Type,
            Self::Prefix => By::Prefix { depth, under: prefix.as_bytes().to_vec() },
            Self::Service => By::Service,
            Self::Node => By::Node,
            Self::Kind => By::Kind,
            Self::Policy => By::Policy,
            Self::Namespace => By::Namespace,
        }
    }

    /// Its name, the heading of the first column.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Prefix => "prefix",
            Self::Service => "service",
            Self::Node => "node",
            Self::Kind => "kind",
            Self::Policy => "policy",
            Self::Namespace => "namespace",
        }
    }
}

/// Parses --depth.
pub(crate) fn parse_depth(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(depth) if depth > 0 => Ok(depth),
        _ => Err("a depth is a whole number from 1".to_owned()),
    }
}

/// Refuses the flags of `--by prefix` with other groupings.
pub(crate) fn check_key_options(by: &[Grouping], depth: usize, prefix: &str) -> Result<()> {
    if !by.contains(&Grouping::Prefix) && (depth != 1 || !prefix.is_empty()) {
        bail!("--depth and --prefix go with --by prefix");
    }
    Ok(())
}

pub(crate) fn run(args: &BreakdownArgs) -> Result<Exit> {
    check_key_options(&[args.by], args.depth, &args.prefix)?;
    let source = ReadArgs::source(&args.file)?;
    let (blocks, progress) = args.read.open(&source)?;
    let by = args.by.by(args.depth, &args.prefix);
    let room = Room::default();
    let outcome = fold(blocks, args.read.jobs(), || Breakdown::new(by.clone(), &room));
    drop(progress);
    let exit = args.read.report(&source, &outcome.closing, &outcome.problems);
    let mut report = outcome.out?;
    let groups = &report.groups;
    match args.sort {
        Sort::Size => {}
        // Equal ones stay in the order of their sizes.
        Sort::Count => report.groups = groups.again(&room, |g| by_size(g, g.count))?,
        Sort::Mean => report.groups = groups.again(&room, |g| by_size(g, mean(g)))?,
        Sort::Largest => report.groups = groups.again(&room, |g| by_size(g, g.sizes.largest()))?,
        Sort::Name => report.groups = groups.again(&room, |_| [])?,
    }
    let incomplete = incomplete_line(&outcome.closing, &outcome.problems);
    let mut out = io::BufWriter::with_capacity(1 << 16, terminal::out());
    render(args, &report, incomplete.as_deref(), &mut out)?;
    out.flush()?;
    Ok(exit)
}

/// Orders by a figure, largest first, then by size.
fn by_size(group: &Group, figure: u64) -> [u8; 16] {
    let mut rank = [0; 16];
    let (first, second) = rank.split_at_mut(8);
    first.copy_from_slice(&descending(figure));
    second.copy_from_slice(&descending(group.size));
    rank
}

fn mean(group: &Group) -> u64 {
    (group.size + group.count / 2) / group.count.max(1)
}

#[allow(clippy::cast_precision_loss)] // a share is shown with a few digits
fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn render(
    args: &BreakdownArgs,
    report: &BreakdownReport,
    incomplete: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let BreakdownReport { groups, count, size } = report;
    let limit = args.limit.map_or(u64::MAX, |limit| limit as u64);
    let row = |name: &[u8], group: &Group| {
        vec![
            Cell::Text(name.to_vec()),
            Cell::Number(group.count),
            Cell::Bytes(group.size),
            Cell::Share(share(group.size, *size)),
            Cell::Bytes(mean(group)),
            Cell::Bytes(group.sizes.percentile(50)),
            Cell::Bytes(group.sizes.percentile(99)),
            Cell::Bytes(group.sizes.largest()),
        ]
    };
    let rows = |take: &mut TakeRow<'_>| {
        let mut left = limit;
        groups.each(|name, group| {
            if left == 0 {
                return Ok(ControlFlow::Break(()));
            }
            left -= 1;
            take(row(name, &group)).map(|()| ControlFlow::Continue(()))
        })
    };
    let table = LongTable {
        columns: [args.by.name(), "count", "bytes", "share", "mean", "p50", "p99", "largest"]
            .map(Into::into)
            .into(),
        rows: &rows,
        total: Some(vec![
            Some(Cell::Text(b"Total".to_vec())),
            Some(Cell::Number(*count)),
            Some(Cell::Bytes(*size)),
            None,
            None,
            None,
            None,
            None,
        ]),
    };
    match args.output {
        Output::Table => {
            table.table(out)?;
            if limit < groups.len() {
                writeln!(out, "{limit} of {} groups are shown.", groups.len())?;
            }
            if let Some(line) = incomplete {
                writeln!(out, "{line}")?;
            }
            Ok(())
        }
        Output::Json => table.json(
            "groups",
            |json| {
                json.key(b"count");
                json.uint(*count);
                json.key(b"bytes");
                json.uint(*size);
                mark_incomplete(incomplete, json);
            },
            out,
        ),
        Output::Jsonl => {
            table.jsonl(out)?;
            out.write_all(&with_line(Vec::new(), incomplete))
        }
        Output::Csv => table.csv(incomplete, out),
    }
}
