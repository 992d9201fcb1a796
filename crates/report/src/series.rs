//! The page about a series of snapshots: when they were taken, and what grew.

use crate::html::{Cell, Html, Page, PictureSize, Table};
use crate::size_chart::size_chart;
use crate::words::{message, shown, time};
use snapscope_analyze::secrets::Scanner;
use snapscope_analyze::trend::{Growth, Line};
use snapscope_objects::printable::{byte_size, counted};
use snapscope_pictures::Course;

/// A series of snapshots.
#[derive(Debug)]
pub struct SeriesPage<'a> {
    /// Its clusters.
    pub clusters: Vec<Cluster>,
    /// The names of the snapshots on command lines.
    pub files: &'a str,
    /// Skipped snapshots, with the reasons.
    pub notes: Vec<String>,
    /// Why the page is incomplete, if it is.
    pub incomplete: Option<&'a str>,
    /// Masks names that contain secrets.
    pub scanner: &'a Scanner,
}

/// The snapshots of a cluster.
#[derive(Debug)]
pub struct Cluster {
    /// Its name: datacenter and ID, if they are known.
    pub name: String,
    /// Its snapshots, by Raft index.
    pub snapshots: Vec<Taken>,
    /// The counts of all records.
    pub total: Line,
    /// Groups of records.
    pub ways: Vec<Way>,
}

/// A snapshot of a series.
#[derive(Debug, Clone)]
pub struct Taken {
    /// Its name.
    pub name: String,
    /// Its Raft index.
    pub index: u64,
    /// When it was taken, in milliseconds since 1970.
    pub taken_ms: Option<i64>,
    /// The counts of its records.
    pub records: u64,
    /// The size of its state.
    pub bytes: u64,
    /// Whether it is damaged.
    pub is_damaged: bool,
}

/// A way to group records, with the first groups.
#[derive(Debug, Clone)]
pub struct Way {
    /// What records are grouped by.
    pub by: &'static str,
    /// The groups that changed most.
    pub lines: Vec<Line>,
    /// Number of groups, including those left out.
    pub all: u64,
}

/// Lines in one chart. With more, their colours would repeat.
const COURSES: usize = 6;
/// Maximum number of snapshots listed.
const ROWS: usize = 200;

/// Writes the page about a series.
#[must_use]
pub fn series(of: &SeriesPage<'_>) -> String {
    let mut overview = Html::default();
    let snapshots: usize = of.clusters.iter().map(|cluster| cluster.snapshots.len()).sum();
    overview.paragraph(&format!(
        "{} of {}. Growth is from the first to the last intact snapshot of a cluster.",
        counted(snapshots as u64, "snapshot", "snapshots"),
        counted(of.clusters.len() as u64, "cluster", "clusters")
    ));
    for note in &of.notes {
        overview.note(&message(note));
    }
    overview.command(&format!("snapscope trend {}", of.files));
    let mut growth = Html::default();
    let mut timeline = Html::default();
    for cluster in &of.clusters {
        let name = shown(cluster.name.as_bytes());
        growth.element("h3", &name);
        grown(of, cluster, &mut growth);
        timeline.element("h3", &name);
        taken(cluster, &mut timeline);
    }
    growth.command(&format!("snapscope trend --sort change {}", of.files));
    timeline.command(&format!("snapscope trend -o json {}", of.files));
    let page = Page {
        title: "Snapshots over time".to_owned(),
        about: counted(snapshots as u64, "snapshot", "snapshots"),
        incomplete: of.incomplete,
        sections: vec![
            ("overview", "Overview", overview),
            ("growth", "Growth", growth),
            ("timeline", "Timeline", timeline),
        ],
    };
    page.finish()
}

fn grown(of: &SeriesPage<'_>, cluster: &Cluster, html: &mut Html) {
    if cluster.snapshots.len() < 2 {
        html.note("Growth needs several snapshots of a cluster; this one has only one.");
        return;
    }
    let mut lines = vec![("all records".to_owned(), &cluster.total)];
    if let Some(way) = cluster.ways.first() {
        let named = |line: &Line| String::from_utf8_lossy(&line.name).into_owned();
        let mut types: Vec<&Line> = way.lines.iter().collect();
        types.sort_by_key(|line| std::cmp::Reverse(line.growth.last.size));
        lines.extend(types.into_iter().take(COURSES - 1).map(|line| (named(line), line)));
    }
    html.picture_of("Size of the state over time", |size| chart(cluster, &lines, size));
    for way in &cluster.ways {
        let rows = way.lines.iter().map(|line| {
            let Growth { first, last, bytes_per_day, .. } = line.growth;
            let name = of.scanner.masked_key(&line.name).unwrap_or_else(|| line.name.clone());
            vec![
                Cell::Name(name),
                Cell::Bytes(first.size),
                Cell::Bytes(last.size),
                Cell::Growth(line.growth.bytes()),
                bytes_per_day
                    .map_or_else(|| Cell::Amount("-".into()), |bytes| Cell::Growth(rounded(bytes))),
                Cell::Count(last.count),
            ]
        });
        html.table(
            &Table::new(
                &format!("Growth by {}, the largest change first", way.by),
                &[way.by, "first", "last", "growth", "per day", "records"],
                rows,
            )
            .first_of(way.all),
        );
    }
}

#[allow(clippy::cast_possible_truncation)] // sizes are far from the limits of i64
fn rounded(x: f64) -> i64 {
    x.round() as i64
}

#[allow(clippy::cast_precision_loss)] // a chart needs no more than a few digits
fn chart(cluster: &Cluster, lines: &[(String, &Line)], size: &PictureSize) -> String {
    let courses = lines.iter().map(|(name, line)| Course {
        name: name.clone(),
        values: cluster
            .snapshots
            .iter()
            .zip(&line.points)
            .map(|(snapshot, point)| (!snapshot.is_damaged).then_some(point.size as f64))
            .collect(),
    });
    let snapshots = cluster.snapshots.iter().map(|s| (s.taken_ms, Some(s.index)));
    let chart = size_chart(&snapshots.collect::<Vec<_>>(), courses.collect());
    let about = lines.iter().map(|(name, line)| {
        let Growth { first, last, .. } = line.growth;
        format!("{name}: {} to {}", byte_size(first.size), byte_size(last.size))
    });
    let about = about.collect::<Vec<_>>().join("; ");
    chart.svg(size.width, 300.0 * size.scale, "Size over time", &about)
}

fn taken(cluster: &Cluster, html: &mut Html) {
    let rows = cluster.snapshots.iter().take(ROWS).map(|snapshot| {
        let state = if snapshot.is_damaged { ("bad", "damaged") } else { ("passing", "intact") };
        vec![
            Cell::Name(snapshot.name.as_bytes().to_vec()),
            Cell::Text(
                snapshot.taken_ms.map_or_else(|| "unknown".to_owned(), |ms| time(ms / 1000)),
            ),
            Cell::Count(snapshot.index),
            Cell::Count(snapshot.records),
            Cell::Bytes(snapshot.bytes),
            Cell::Badge(state.0, state.1.into()),
        ]
    });
    html.table(
        &Table::new(
            "Snapshots by Raft index",
            &["snapshot", "taken", "index", "records", "bytes", "state"],
            rows,
        )
        .first_of(cluster.snapshots.len() as u64),
    );
}
