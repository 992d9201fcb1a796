//! `trend`: sizes and counts over many snapshots.

use crate::answer::{Answer, print};
use crate::commands::grouping::PrefixArgs;
use crate::exit::Exit;
use crate::form::{Form, ROWS, forms, limit, one_of};
use crate::reading::ReadArgs;
use crate::render::json::{List, Members as _, Object, ToJson as _};
use crate::render::long_table::{LongTable, TakeRow};
use crate::render::sparkline::sparkline;
use crate::render::table::Cell;
use crate::series::{
    SNAPSHOTS, ask, cluster_members, heading, incomplete, left_out_members, named,
    snapshots_member, time,
};
use crate::terminal::note;
use anyhow::Result;
use clap::Args;
use snapscope_analyze::series::{Cluster, Series};
use snapscope_analyze::trend::{Breakdowns, Growth, Line, Rank, Trend};
use snapscope_analyze::{By, Group};
use snapscope_objects::json::{JsonText, Sink as _};
use snapscope_runs::{Ranked, Room};
use std::io::{self, Write};
use std::path::PathBuf;

/// Show how sizes and counts changed across snapshots
///
/// Snapshots are files, folders with snapshots in them, and patterns (`'backups/*.snap'`). They are
/// grouped by cluster and sorted by raft index; duplicates are skipped. Growth is the difference
/// between the first and the last intact snapshot, in total and per day.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  snapscope trend backup.snap
  snapscope trend --by prefix --depth 2 --limit 5 '*.snap'
  snapscope trend --by service --sort count -o csv *.snap")]
pub(crate) struct TrendArgs {
    #[arg(value_name = "SNAPSHOT", required = true, help = SNAPSHOTS)]
    snapshots: Vec<PathBuf>,
    /// What to group records by
    #[arg(long, value_parser = one_of(By::ALL, By::name), value_delimiter = ',',
          default_values = ["type", "prefix"])]
    by: Vec<By>,
    #[command(flatten)]
    keys: PrefixArgs,
    /// Sort order: bytes gained, gained or lost, bytes or records in the last snapshot (largest
    /// first), or name [default: change in tables, otherwise growth]
    #[arg(long, value_parser = one_of(Rank::ALL, Rank::name))]
    sort: Option<Rank>,
    /// Show only the first groups of each kind, 0 for all [default: 10 in tables, otherwise all]
    #[arg(short = 'n', long, value_name = "N", allow_negative_numbers = true, value_parser = limit)]
    limit: Option<u64>,
    /// Output format; all formats except tables have every snapshot's figures
    #[arg(short, long, value_name = "FORM", value_parser = forms(ROWS), default_value = "table")]
    output: Form,
    #[command(flatten)]
    read: ReadArgs,
}

/// Maximum number of groups in a table.
const TABLE_GROUPS: u64 = 10;
/// Maximum number of bars that show the course of a group.
const BARS: usize = 10;

type Answers = Series<Groups>;
/// The groups of a snapshot by name, for each grouping.
type Groups = Vec<Ranked<Group>>;

pub(crate) fn run(args: &TrendArgs) -> Result<Exit> {
    let snapshots = named(&args.snapshots)?;
    let ways = args.keys.of(&args.by)?;
    let room = Room::default();
    let new = || Breakdowns::new(&ways, &room);
    let (series, exit) = ask(&args.read, &snapshots, new, |_, out| out)?;
    let series = series.transposed()?;
    let usual = if args.output == Form::Text { Rank::Change } else { Rank::Growth };
    let rank = args.sort.unwrap_or(usual);
    let trend = |cluster| Trend::of(cluster, rank, &room);
    let trends: Vec<Trend> = series.clusters.iter().map(trend).collect::<io::Result<_>>()?;
    let incomplete = incomplete(&series);
    let answer = Trends { args, series: &series, trends: &trends };
    print(&answer, args.output, incomplete.as_ref())?;
    for (at, by) in args.by.iter().enumerate() {
        let is_empty = |trend: &Trend| trend.groups.get(at).is_some_and(|lines| lines.is_empty());
        if args.output == Form::Text && !trends.is_empty() && trends.iter().all(is_empty) {
            note!("snapscope: note: {}no groups by {}", args.keys.no_key(), by.name());
        }
    }
    Ok(exit)
}

/// The data to print.
struct Trends<'a> {
    args: &'a TrendArgs,
    series: &'a Answers,
    trends: &'a [Trend],
}

impl Trends<'_> {
    fn clusters(&self) -> impl Iterator<Item = (&Cluster<Groups>, &Trend)> {
        self.series.clusters.iter().zip(self.trends)
    }

    /// Maximum number of groups shown for each grouping.
    fn limit(&self) -> u64 {
        let most = if self.args.output == Form::Text { TABLE_GROUPS } else { u64::MAX };
        self.args.limit.unwrap_or(most)
    }

    /// Passes on each group with the name of its grouping, the total first.
    fn each_line(
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
}

impl Answer for Trends<'_> {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let limit = self.limit();
        for (at, (cluster, trend)) in self.clusters().enumerate() {
            if at > 0 {
                out.write_all(b"\n")?;
            }
            out.write_all(heading(cluster).as_bytes())?;
            for (by, lines) in self.args.by.iter().zip(&trend.groups) {
                out.write_all(b"\n")?;
                // The totals are shown with the grouping that has all records.
                let total = (*by == By::Type).then(|| {
                    let mut total = table_row(&trend.total);
                    if let Some(name) = total.first_mut() {
                        *name = Cell::Text(b"state.bin".to_vec());
                    }
                    total.into_iter().map(Some).collect()
                });
                let columns =
                    [by.name(), "first", "last", "growth", "per_day", "count", "more", "course"];
                let rows = |take: &mut TakeRow<'_>| lines.each(limit, |line| take(table_row(line)));
                LongTable { total, ..LongTable::new(columns, &rows) }.table(out)?;
                if lines.len() > limit {
                    writeln!(out, "Showing {limit} of {}; --limit 0 shows all.", lines.len())?;
                }
            }
        }
        Ok(())
    }

    fn json(&self, json: &mut JsonText, out: &mut dyn Write) -> io::Result<()> {
        json.key(b"clusters");
        json.begin_list();
        for (cluster, trend) in self.clusters() {
            json.begin_object();
            cluster_members(cluster, json);
            snapshots_member(cluster, json);
            json.key(b"groups");
            json.begin_list();
            self.each_line(trend, &mut |by, line| {
                Object(|json: &mut JsonText| line_members(by, line, json)).write(json);
                json.write_to(out)
            })?;
            json.end_list();
            json.end_object();
        }
        json.end_list();
        left_out_members(self.series, json);
        Ok(())
    }

    /// A line for each group, with the snapshots that contain it.
    fn lines(&self, json: &mut JsonText, out: &mut dyn Write) -> io::Result<()> {
        self.clusters().try_for_each(|(cluster, trend)| {
            self.each_line(trend, &mut |by, line| {
                json.line(|json| {
                    cluster_members(cluster, json);
                    line_members(by, line, json);
                    json.member("index", List(cluster.snapshots.iter().map(|s| s.index)));
                });
                json.write_to(out)
            })
        })
    }

    /// A line for each group in each snapshot.
    fn csv(&self, out: &mut dyn Write) -> io::Result<()> {
        let text = |text: &Option<String>| Cell::Text(text.clone().unwrap_or_default().into());
        let rows = |take: &mut TakeRow<'_>| {
            self.clusters().try_for_each(|(cluster, trend)| {
                self.each_line(trend, &mut |by, line| {
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
        LongTable::new(columns, &rows).csv(out)
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
    let Growth { first, last, bytes_per_day, count_per_day } = line.growth;
    let per_day = |figure: Option<f64>| figure.map(|x| (x * 100.0).round() / 100.0);
    json.member("by", by).member("name", &line.name);
    json.member("first_count", first.count).member("last_count", last.count);
    json.member("first_bytes", first.size).member("last_bytes", last.size);
    json.member("growth_count", line.growth.count()).member("growth_bytes", line.growth.bytes());
    json.member("count_per_day", per_day(count_per_day));
    json.member("bytes_per_day", per_day(bytes_per_day));
    json.member("count", List(line.points.iter().map(|point| point.count)));
    json.member("bytes", List(line.points.iter().map(|point| point.size)));
}
