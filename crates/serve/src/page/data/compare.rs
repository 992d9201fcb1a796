//! Several snapshots: the differences between two, and the timeline of all.

use super::super::ask::shown;
use super::super::reply::Reply;
use serde_json::{Value, json};
use snapscope_analyze::compare::Change;
use snapscope_analyze::diff::{DiffOptions, diff};
use snapscope_archive::{OpenError, OpenOptions, Source, open};
use snapscope_pictures::Course;
use snapscope_report::{ChangeLimits, ChangedObjects, size_chart, words};

const LIMITS: ChangeLimits = ChangeLimits { objects: 40, fields: 12, bytes: 400_000 };
/// Maximum number of types in the chart.
const COURSES: usize = 5;

/// The differences between two snapshots.
pub(crate) fn difference(before: &Source, after: &Source, options: &OpenOptions) -> Reply {
    compared(before, after, options).unwrap_or_else(|reply| reply)
}

fn compared(before: &Source, after: &Source, options: &OpenOptions) -> Result<Reply, Reply> {
    let failed = |error: String| Reply::error(500, error);
    let opened = |source: &Source| open(source, options).map_err(|error| failed(error.to_string()));
    let reopen = || match before.reopenable() && after.reopenable() {
        true => Ok::<_, OpenError>(Some((open(before, options)?, open(after, options)?))),
        false => Ok(None),
    };
    let comparer = ChangedObjects::comparer();
    let mut objects = ChangedObjects::new(&comparer, LIMITS);
    let report = diff(
        opened(before)?,
        opened(after)?,
        &DiffOptions::new(),
        &comparer,
        &reopen,
        &mut |found| {
            objects.see(&found);
            Ok(())
        },
    );
    let report = report.map_err(|error| failed(error.to_string()))?;
    let summary = report.summary.iter().filter(|(_, counts)| counts.differences() > 0);
    let summary = summary.map(|(kind, counts)| {
        json!({
            "name": kind.object_name(),
            "added": counts.of(Change::Added),
            "removed": counts.of(Change::Removed),
            "changed": counts.of(Change::Changed),
            "recreated": counts.of(Change::Recreated),
        })
    });
    let objects = objects.finish().into_iter().map(|object| {
        json!({
            "kind": object.kind.object_name(),
            "id": shown(&object.id),
            "change": object.change.word(),
            "lines": object.lines,
        })
    });
    let is_damaged = report.before.is_damaged() || report.after.is_damaged();
    let incomplete = is_damaged.then(|| {
        format!("A snapshot is damaged; {} objects could not be compared.", report.not_compared())
    });
    let name = |source: &Source| shown(source.name().as_bytes());
    Ok(Reply::of(json!({
        "differences": report.differences(),
        "before": name(before),
        "after": name(after),
        "summary": summary.collect::<Vec<_>>(),
        "objects": objects.collect::<Vec<_>>(),
        "warnings": [],
        "incomplete": incomplete,
        "command": format!("snapscope diff {} {}", name(before), name(after)),
    })))
}

/// A snapshot in the timeline.
#[derive(Debug)]
pub(crate) struct Point {
    /// Its name in URLs; empty for the first one.
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) taken_ms: Option<i64>,
    pub(crate) index: Option<u64>,
    pub(crate) records: u64,
    pub(crate) bytes: u64,
    pub(crate) verdict: &'static str,
    /// Bytes by type.
    pub(crate) types: Vec<(String, u64)>,
}

/// The timeline of the served snapshots.
pub(crate) fn series(mut points: Vec<Point>, command: &str) -> Value {
    points.sort_by(|a, b| (a.index, a.taken_ms, &a.name).cmp(&(b.index, b.taken_ms, &b.name)));
    let snapshots = points.iter().map(|point| {
        json!({
            "name": point.name,
            "title": point.title,
            "taken": point.taken_ms.map(|ms| words::time(ms / 1000)),
            "index": point.index,
            "records": point.records,
            "bytes": point.bytes,
            "verdict": point.verdict,
        })
    });
    let chart = (points.len() > 1).then(|| chart(&points));
    let (svg, legend) = chart.unzip();
    json!({
        "snapshots": snapshots.collect::<Vec<_>>(),
        "svg": svg,
        "legend": legend.unwrap_or_default(),
        "command": command,
    })
}

#[allow(clippy::cast_precision_loss)] // a chart needs no more than a few digits
fn chart(points: &[Point]) -> (String, Vec<String>) {
    let last = points.last().map_or(&[][..], |point| &point.types);
    let mut courses = vec![Course {
        name: "all records".to_owned(),
        values: points.iter().map(|point| Some(point.bytes as f64)).collect(),
    }];
    for (name, _) in last.iter().take(COURSES) {
        let of = |point: &Point| {
            point.types.iter().find(|(known, _)| known == name).map_or(0, |(_, bytes)| *bytes)
        };
        courses.push(Course {
            name: name.clone(),
            values: points.iter().map(|point| Some(of(point) as f64)).collect(),
        });
    }
    let legend = courses.iter().map(|course| course.name.clone()).collect();
    let axis: Vec<_> = points.iter().map(|point| (point.taken_ms, point.index)).collect();
    let about = "Size of the state, and of its largest types";
    (size_chart(&axis, courses).picture(1000.0, 280.0, "Size over time", about), legend)
}
