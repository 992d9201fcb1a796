//! The timeline of all served snapshots.

use serde_json::{Value, json};
use snapscope_analyze::ClusterName;
use snapscope_analyze::series::by_cluster;
use snapscope_pictures::Course;
use snapscope_report::{size_chart, words};

/// Maximum number of types in the chart.
const COURSES: usize = 5;

/// A snapshot in the timeline.
#[derive(Debug)]
pub(crate) struct Point {
    /// Its name in URLs; empty for the first one.
    pub(crate) name: String,
    /// Its name on a command line.
    pub(crate) file: String,
    pub(crate) title: String,
    pub(crate) taken_ms: Option<i64>,
    pub(crate) index: Option<u64>,
    pub(crate) records: u64,
    pub(crate) bytes: u64,
    pub(crate) verdict: &'static str,
    pub(crate) is_damaged: bool,
    /// Bytes by type.
    pub(crate) types: Vec<(String, u64)>,
}

/// The timeline of the snapshots that the reader may see, for each cluster; `missing` are the names
/// and titles of the others. Charts are `width` pixels wide.
pub(crate) fn timeline(
    points: Vec<(ClusterName, Point)>,
    missing: &[(String, String)],
    width: f64,
) -> Value {
    let files: Vec<&str> = points.iter().map(|(_, point)| point.file.as_str()).collect();
    let command = format!("snapscope trend {}", files.join(" "));
    let clusters = by_cluster(points);
    let clusters = clusters.into_iter().map(|(name, points)| cluster(&name, points, width));
    let missing = missing.iter().map(|(name, title)| json!({"name": name, "title": title}));
    json!({
        "clusters": clusters.collect::<Vec<_>>(),
        "missing": missing.collect::<Vec<_>>(),
        "command": command,
    })
}

fn cluster(name: &ClusterName, mut points: Vec<Point>, width: f64) -> Value {
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
    let chart = (points.len() > 1).then(|| chart(&points, width));
    let (svg, legend) = chart.unzip();
    json!({
        "title": words::message(&name.to_string()),
        "snapshots": snapshots.collect::<Vec<_>>(),
        "svg": svg,
        "legend": legend.unwrap_or_default(),
    })
}

#[allow(clippy::cast_precision_loss)] // a chart needs no more than a few digits
fn chart(points: &[Point], width: f64) -> (String, Vec<String>) {
    let last = points.last().map_or(&[][..], |point| &point.types);
    let course = |name: &str, bytes: &dyn Fn(&Point) -> u64| Course {
        name: name.to_owned(),
        values: points.iter().map(|p| (!p.is_damaged).then(|| bytes(p) as f64)).collect(),
    };
    let mut courses = vec![course("all records", &|point: &Point| point.bytes)];
    for (name, _) in last.iter().take(COURSES) {
        let of = |point: &Point| {
            point.types.iter().find(|(known, _)| known == name).map_or(0, |(_, bytes)| *bytes)
        };
        courses.push(course(name, &of));
    }
    let legend = courses.iter().map(|course| course.name.clone()).collect();
    let axis: Vec<_> = points.iter().map(|point| (point.taken_ms, point.index)).collect();
    let about = "Size of the state, and of its largest types";
    (size_chart(&axis, courses).picture(width, 280.0, "Size over time", about), legend)
}
