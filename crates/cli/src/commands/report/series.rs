//! The page about a series of snapshots.

use super::args::{ReportArgs, on_command_line};
use crate::exit::Exit;
use crate::render::incomplete::Incomplete;
use crate::series::{ask, heading, incomplete, named};
use anyhow::Result;
use snapscope_analyze::secrets::Scanner;
use snapscope_analyze::series::{Series, Snapshot};
use snapscope_analyze::trend::{Breakdowns, Lines, Rank, Trend};
use snapscope_analyze::{By, Group};
use snapscope_report::{Cluster, SeriesPage, Taken, Way};
use snapscope_runs::{Ranked, Room};
use std::io;
use std::path::Path;

/// Number of groups shown for each grouping.
const GROUPS: u64 = 20;

type Groups = Vec<Ranked<Group>>;

pub(super) fn page(args: &ReportArgs) -> Result<(String, Exit)> {
    let snapshots = named(&args.files)?;
    let ways = [By::Type, By::Prefix { depth: 1, under: Vec::new() }, By::Service];
    let room = Room::default();
    let (series, exit) =
        ask(&args.read, &snapshots, || Breakdowns::new(&ways, &room), |_, out| out)?;
    let series: Series<Groups> = series.transposed()?;
    let why = incomplete(&series);
    let mut clusters = Vec::new();
    for cluster in &series.clusters {
        let trend = Trend::of(cluster, Rank::Change, &room)?;
        let way = |(by, lines): (&By, &Lines)| way(by, lines);
        clusters.push(Cluster {
            name: heading(cluster).lines().next().unwrap_or_default().to_owned(),
            snapshots: cluster.snapshots.iter().map(taken).collect(),
            total: trend.total,
            ways: ways.iter().zip(&trend.groups).map(way).collect::<io::Result<_>>()?,
        });
    }
    let duplicates = series.duplicates.iter();
    let notes = duplicates.map(|twice| format!("{}: same as {}, skipped.", twice.name, twice.of));
    let files: Vec<&Path> = args.files.iter().map(AsRef::as_ref).collect();
    let page = snapscope_report::series(&SeriesPage {
        clusters,
        files: &on_command_line(&files),
        notes: notes.take(NOTES).collect(),
        incomplete: why.as_ref().map(Incomplete::why),
        scanner: &Scanner::new(),
    });
    Ok((page, exit))
}

/// Maximum number of skipped snapshots that are named.
const NOTES: usize = 20;

fn taken(snapshot: &Snapshot<Groups>) -> Taken {
    Taken {
        name: snapshot.name.clone(),
        index: snapshot.index,
        taken_ms: snapshot.taken_ms,
        records: snapshot.closing.records,
        bytes: snapshot.closing.integrity.actual_size,
        is_damaged: snapshot.is_damaged(),
    }
}

fn way(by: &By, lines: &Lines) -> io::Result<Way> {
    let mut first = Vec::new();
    lines.each(GROUPS, |line| {
        first.push(line.clone());
        Ok(())
    })?;
    Ok(Way { by: by.name(), lines: first, all: lines.len() })
}
