//! `trend`: sizes and counts over many snapshots.

use crate::commands::breakdown::{Grouping, check_key_options, parse_depth};
use crate::exit::Exit;
use crate::reading::ReadArgs;
use crate::render::incomplete::{mark_incomplete, with_line};
use crate::render::long_table::{LongTable, TakeRow};
use crate::render::sparkline::sparkline;
use crate::render::table::{Cell, Output};
use crate::series::{
    ask, cluster_members, heading, incomplete_line, left_out_members, snapshots_member, time,
};
use crate::terminal;
use anyhow::Result;
use clap::{Args, ValueEnum};
use snapscope_analyze::series::{Cluster, Series, find};
use snapscope_analyze::trend::{Breakdowns, Growth, Line, Rank, Trend};
use snapscope_analyze::{By, Group};
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_runs::{Ranked, Room};
use std::io::{self, Write};
use std::path::PathBuf;

/// Show how sizes and counts changed across snapshots
///
/// Snapshots are files, folders with snapshots in them, and patterns (`'backups/*.snap'`). They are
/// grouped by cluster and sorted by raft index; duplicates are skipped. Growth is from the first to
/// the last intact snapshot, per day by the times at which they were taken.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope trend backup.snap
  snapscope trend --by prefix --depth 2 --limit 5 '*.snap'
  snapscope trend --by service --sort count -o csv *.snap")]
pub(crate) struct TrendArgs {
    /// Snapshots: files, folders, patterns
    #[arg(value_name = "SNAPSHOT", required = true)]
    snapshots: Vec<PathBuf>,
    /// What to group records by
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Grouping::Type, Grouping::Prefix])]
    by: Vec<Grouping>,
    /// With --by prefix: number of key segments, split at /, that form a group
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = parse_depth)]
    depth: usize,
    /// With --by prefix: only keys that start with PREFIX
    #[arg(long, value_name = "PREFIX", default_value = "", hide_default_value = true)]
    prefix: String,
    /// Sort order; the largest come first
    #[arg(long, value_enum, default_value_t = Sort::Growth)]
    sort: Sort,
    /// Show only the first groups of each kind [default: 10 in tables, otherwise all]
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Output format; all formats except tables have every snapshot's figures
    #[arg(short, long, value_enum, default_value_t = Output::Table)]
    output: Output,
    #[command(flatten)]
    read: ReadArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Sort {
    /// Bytes gained
    Growth,
    /// Bytes in the last snapshot
    Size,
    /// Records in the last snapshot
    Count,
    Name,
}

/// Groups a table shows.
const TABLE_GROUPS: usize = 10;
/// Bars that show how a group went.
const BARS: usize = 10;

type Answers = Series<Groups>;
/// For each way of grouping the groups of a snapshot, by name.
type Groups = Vec<Ranked<Group>>;

pub(crate) fn run(args: &TrendArgs) -> Result<Exit> {
    let named = find(&args.snapshots)?;
    check_key_options(&args.by, args.depth, &args.prefix)?;
    let ways: Vec<By> = args.by.iter().map(|by| by.by(args.depth, &args.prefix)).collect();
    let room = Room::default();
    let new = || Breakdowns::new(&ways, &room);
    let (series, exit) = ask(&args.read, &named, new, |_, out| out)?;
    let series = series.transposed()?;
    let trend = |cluster| Trend::of(cluster, args.sort.rank(), &room);
    let trends: Vec<Trend> = series.clusters.iter().map(trend).collect::<io::Result<_>>()?;
    let incomplete = incomplete_line(&series);
    let answer = Answer { args, series: &series, trends: &trends, incomplete };
    let mut out = io::BufWriter::with_capacity(1 << 16, terminal::out());
    match args.output {
        Output::Table => answer.table(&mut out)?,
        Output::Json => answer.json(&mut out)?,
        Output::Jsonl => answer.jsonl(&mut out)?,
        Output::Csv => answer.csv(&mut out)?,
    }
    out.flush()?;
    Ok(exit)
}

impl Sort {
    const fn rank(self) -> Rank {
        match self {
            Self::Growth => Rank::Growth,
            Self::Size => Rank::Size,
            Self::Count => Rank::Count,
            Self::Name => Rank::Name,
        }
    }
}

/// All that is printed.
struct Answer<'a> {
    args: &'a TrendArgs,
    series: &'a Answers,
    trends: &'a [Trend],
    incomplete: Option<String>,
}

impl Answer<'_> {
    fn clusters(&self) -> impl Iterator<Item = (&Cluster<Groups>, &Trend)> {
        self.series.clusters.iter().zip(self.trends)
    }

    /// Groups of each kind that are shown.
    fn limit(&self) -> u64 {
        let most = if self.args.output == Output::Table { TABLE_GROUPS } else { usize::MAX };
        self.args.limit.unwrap_or(most) as u64
    }

    fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        let limit = self.limit();
        for (at, (cluster, trend)) in self.clusters().enumerate() {
            if at > 0 {
                out.write_all(b"\n")?;
            }
            out.write_all(heading(cluster).as_bytes())?;
            for (by, lines) in self.args.by.iter().zip(&trend.groups) {
                out.write_all(b"\n")?;
                // The sums go with the grouping that has all records.
                let total = (*by == Grouping::Type).then(|| {
                    let mut total = table_row(&trend.total);
                    if let Some(name) = total.first_mut() {
                        *name = Cell::Text(b"state.bin".to_vec());
                    }
                    total.into_iter().map(Some).collect()
                });
                let columns =
                    [by.name(), "first", "last", "growth", "per_day", "count", "more", "course"];
                let rows = |take: &mut TakeRow<'_>| lines.each(limit, |line| take(table_row(line)));
                let columns = columns.map(Into::into).into();
                LongTable { columns, rows: &rows, total }.table(out)?;
                if lines.len() > limit {
                    writeln!(out, "{limit} of {} are shown; --limit shows more.", lines.len())?;
                }
            }
        }
        if let Some(line) = &self.incomplete {
            writeln!(out, "{line}")?;
        }
        Ok(())
    }

    /// Each group with the name of its grouping, the whole first.
    fn lines(
        &self,
        trend: &Trend,
        each: &mut dyn FnMut(&'static str, &Line) -> io::Result<()>,
    ) -> io::Result<()> {
        each("total", &trend.total)?;
        for (by, lines) in self.args.by.iter().zip(&trend.groups) {
            lines.each(self.limit(), |line| each(by.name(), line))?;
        }
        Ok(())
    }

    fn json(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut json = JsonText::new();
        json.begin_object();
        json.key(b"clusters");
        json.begin_list();
        for (cluster, trend) in self.clusters() {
            json.begin_object();
            cluster_members(cluster, &mut json);
            snapshots_member(cluster, &mut json);
            json.key(b"groups");
            json.begin_list();
            self.lines(trend, &mut |by, line| {
                json.begin_object();
                line_members(by, line, &mut json);
                json.end_object();
                json.write_to(out)
            })?;
            json.end_list();
            json.end_object();
        }
        json.end_list();
        left_out_members(self.series, &mut json);
        mark_incomplete(self.incomplete.as_deref(), &mut json);
        json.end_object();
        json.end_line();
        json.write_to(out)
    }

    /// A line for each group, with the snapshots it was seen in.
    fn jsonl(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut json = JsonText::new();
        for (cluster, trend) in self.clusters() {
            self.lines(trend, &mut |by, line| {
                json.begin_object();
                cluster_members(cluster, &mut json);
                line_members(by, line, &mut json);
                indexes_member(cluster, &mut json);
                json.end_object();
                json.end_line();
                json.write_to(out)
            })?;
        }
        out.write_all(&with_line(Vec::new(), self.incomplete.as_deref()))
    }

    /// A line for each group in each snapshot.
    fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let text = |text: &Option<String>| Cell::Text(text.clone().unwrap_or_default().into());
        let rows = |take: &mut TakeRow<'_>| {
            self.clusters().try_for_each(|(cluster, trend)| {
                self.lines(trend, &mut |by, line| {
                    for (snapshot, point) in cluster.snapshots.iter().zip(&line.points) {
                        let damaged: &[u8] = if snapshot.is_damaged() { b"true" } else { b"false" };
                        let taken = |ms| Cell::Text(time(Some(ms)).into());
                        take(vec![
                            text(&cluster.name.datacenter),
                            text(&cluster.name.id),
                            Cell::Text(snapshot.name.clone().into()),
                            Cell::Number(snapshot.index),
                            snapshot.taken_ms.map_or(Cell::Unknown, taken),
                            Cell::Text(damaged.to_vec()),
                            Cell::Text(by.into()),
                            Cell::Text(line.name.clone()),
                            Cell::Number(point.count),
                            Cell::Bytes(point.size),
                        ])?;
                    }
                    Ok(())
                })
            })
        };
        let columns = [
            "datacenter",
            "cluster_id",
            "file",
            "index",
            "taken",
            "damaged",
            "by",
            "name",
            "count",
            "bytes",
        ];
        let columns = columns.map(Into::into).into();
        LongTable { columns, rows: &rows, total: None }.csv(self.incomplete.as_deref(), out)
    }
}

fn table_row(line: &Line) -> Vec<Cell> {
    let Growth { first, last, bytes_per_day, .. } = line.growth;
    let sizes: Vec<u64> = line.points.iter().map(|point| point.size).collect();
    vec![
        Cell::Text(line.name.clone()),
        Cell::Bytes(first.size),
        Cell::Bytes(last.size),
        Cell::Growth(line.growth.bytes()),
        bytes_per_day.map_or(Cell::Unknown, |bytes| Cell::Growth(rounded(bytes))),
        Cell::Number(last.count),
        Cell::Change(line.growth.count()),
        Cell::Text(sparkline(&sizes, BARS).into_bytes()),
    ]
}

#[allow(clippy::cast_possible_truncation)] // bytes of snapshots are far from the ends
fn rounded(x: f64) -> i64 {
    x.round() as i64
}

/// Writes a group's members into an open object.
fn line_members(by: &str, line: &Line, json: &mut JsonText) {
    json.key(b"by");
    json.text(by.as_bytes());
    json.key(b"name");
    json.text(&line.name);
    let Growth { first, last, bytes_per_day, count_per_day } = line.growth;
    for (key, value) in [
        ("first_count", first.count),
        ("last_count", last.count),
        ("first_bytes", first.size),
        ("last_bytes", last.size),
    ] {
        json.key(key.as_bytes());
        json.uint(value);
    }
    for (key, value) in
        [("growth_count", line.growth.count()), ("growth_bytes", line.growth.bytes())]
    {
        json.key(key.as_bytes());
        json.int(value);
    }
    for (key, value) in [("count_per_day", count_per_day), ("bytes_per_day", bytes_per_day)] {
        json.key(key.as_bytes());
        match value {
            Some(x) => json.float((x * 100.0).round() / 100.0),
            None => json.null(),
        }
    }
    let counts: Vec<u64> = line.points.iter().map(|point| point.count).collect();
    let sizes: Vec<u64> = line.points.iter().map(|point| point.size).collect();
    for (key, values) in [("count", counts), ("bytes", sizes)] {
        json.key(key.as_bytes());
        json.begin_list();
        values.into_iter().for_each(|n| json.uint(n));
        json.end_list();
    }
}

fn indexes_member<T>(cluster: &Cluster<T>, json: &mut JsonText) {
    json.key(b"index");
    json.begin_list();
    cluster.snapshots.iter().for_each(|snapshot| json.uint(snapshot.index));
    json.end_list();
}
