//! `breakdown`: what takes the space.

use crate::answer::{TableAnswer, print};
use crate::commands::grouping::PrefixArgs;
use crate::exit::Exit;
use crate::form::{Form, ROWS, forms, limit, one_of};
use crate::reading::{Asked, FileArg, ReadArgs};
use crate::render::json::Members as _;
use crate::render::long_table::{LongTable, TakeRow};
use crate::render::table::Cell;
use crate::terminal::note;
use anyhow::Result;
use clap::{Args, ValueEnum};
use snapscope_analyze::{Breakdown, BreakdownReport, By, Group};
use snapscope_objects::json::JsonText;
use snapscope_runs::{Room, descending};
use std::ops::ControlFlow;

/// Show what takes the space: by type, prefix, service, node, ...
///
/// Counts, sizes and maxima are exact. p50 and p99 are the sizes that 50 % and 99 % of a group's
/// records do not exceed; they can be up to an eighth too large.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope breakdown backup.snap
  snapscope breakdown --by prefix --depth 3 --prefix apps/ --limit 10 backup.snap
  snapscope breakdown --by service --sort count -o csv backup.snap")]
pub(crate) struct BreakdownArgs {
    #[command(flatten)]
    file: FileArg,
    /// What to group records by
    #[arg(long, value_parser = one_of(By::ALL, By::name), default_value = "type")]
    by: By,
    #[command(flatten)]
    keys: PrefixArgs,
    /// Sort order; sizes and counts are sorted largest first
    #[arg(long, value_enum, default_value_t = Sort::Size)]
    sort: Sort,
    /// Show only the first groups, 0 for all [default: 20 in tables, except by type; otherwise
    /// all]
    #[arg(short = 'n', long, value_name = "N", allow_negative_numbers = true, value_parser = limit)]
    limit: Option<u64>,
    /// Output format
    #[arg(short, long, value_name = "FORM", value_parser = forms(ROWS), default_value = "table")]
    output: Form,
    #[command(flatten)]
    read: ReadArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Sort {
    Size,
    Count,
    Mean,
    Largest,
    Name,
}

pub(crate) fn run(args: &BreakdownArgs) -> Result<Exit> {
    let by = args.keys.of(std::slice::from_ref(&args.by))?;
    let by = by.first().unwrap_or(&args.by);
    let room = Room::default();
    let Asked { out, exit, incomplete, .. } =
        args.read.ask(&args.file, || Breakdown::new(by.clone(), &room))?;
    let mut report = out?;
    let groups = &report.groups;
    match args.sort {
        Sort::Size => {}
        // Equal ones stay in the order of their sizes.
        Sort::Count => report.groups = groups.again(&room, |g| by_size(g, g.count))?,
        Sort::Mean => report.groups = groups.again(&room, |g| by_size(g, mean(g)))?,
        Sort::Largest => report.groups = groups.again(&room, |g| by_size(g, g.sizes.largest()))?,
        Sort::Name => report.groups = groups.again(&room, |_| [])?,
    }
    let BreakdownReport { groups, count, size } = &report;
    let most = if args.output == Form::Text && *by != By::Type { TABLE_GROUPS } else { u64::MAX };
    let limit = args.limit.unwrap_or(most);
    let is_cut = limit < groups.len();
    let rows = |take: &mut TakeRow<'_>| {
        let mut left = limit;
        let mut others = Others::default();
        groups.each(|name, group| {
            if left == 0 {
                others.add(&group);
                // Only tables show the total of the rest.
                return Ok(match args.output {
                    Form::Text => ControlFlow::Continue(()),
                    _ => ControlFlow::Break(()),
                });
            }
            left -= 1;
            take(row(name, &group, *size)).map(|()| ControlFlow::Continue(()))
        })?;
        match args.output {
            Form::Text if others.groups > 0 => {
                take(others.row((*by != By::Policy).then_some(*size)))
            }
            _ => Ok(()),
        }
    };
    let columns = [by.name(), "count", "bytes", "share", "mean", "p50", "p99", "largest"];
    let mut total = vec![Some(Cell::Text(b"Total".to_vec()))];
    total.extend([Some(Cell::Number(*count)), Some(Cell::Bytes(*size))]);
    total.resize_with(columns.len(), || None);
    let shown = format!("Showing {limit} of {} groups; --limit 0 shows all.", groups.len());
    let answer = TableAnswer {
        table: LongTable { total: Some(total), ..LongTable::new(columns, &rows) },
        name: "groups",
        notes: if is_cut { vec![shown] } else { Vec::new() },
        more: &|json: &mut JsonText| {
            json.member("count", *count).member("bytes", *size);
        },
    };
    print(&answer, args.output, incomplete.as_ref())?;
    if groups.is_empty() && args.output == Form::Text {
        note!("snapscope: note: {}no groups by {}", args.keys.no_key(), by.name());
    }
    Ok(exit)
}

/// Groups that a table shows.
const TABLE_GROUPS: u64 = 20;

/// The totals that a table shows for the groups it leaves out.
#[derive(Default)]
struct Others {
    groups: u64,
    count: u64,
    size: u64,
    largest: u64,
}

impl Others {
    fn add(&mut self, group: &Group) {
        self.groups += 1;
        self.count = self.count.saturating_add(group.count);
        self.size = self.size.saturating_add(group.size);
        self.largest = self.largest.max(group.sizes.largest());
    }

    /// The row. It has a share of all bytes unless records are in several groups.
    fn row(&self, all: Option<u64>) -> Vec<Cell> {
        let name = match self.groups {
            1 => "(1 other)".to_owned(),
            n => format!("({n} others)"),
        };
        vec![
            Cell::Text(name.into_bytes()),
            Cell::Number(self.count),
            Cell::Bytes(self.size),
            all.map_or(Cell::Unknown, |all| Cell::Share(share(self.size, all))),
            Cell::Bytes((self.size + self.count / 2) / self.count.max(1)),
            Cell::Unknown,
            Cell::Unknown,
            Cell::Bytes(self.largest),
        ]
    }
}

fn row(name: &[u8], group: &Group, all: u64) -> Vec<Cell> {
    vec![
        Cell::Text(name.to_vec()),
        Cell::Number(group.count),
        Cell::Bytes(group.size),
        Cell::Share(share(group.size, all)),
        Cell::Bytes(mean(group)),
        Cell::Bytes(group.sizes.percentile(50)),
        Cell::Bytes(group.sizes.percentile(99)),
        Cell::Bytes(group.sizes.largest()),
    ]
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
