//! Sizes and counts over a series of snapshots.

use crate::breakdown::{Breakdown, BreakdownReport, By};
use crate::drivers::{Fold, Problems};
use crate::series::{Cluster, Snapshot};
use snapscope_archive::Closing;
use snapscope_decode::Frame;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Groups the records of one snapshot in several ways at once.
#[derive(Debug)]
pub struct Breakdowns(Vec<Breakdown>);

impl Breakdowns {
    /// Nothing grouped yet.
    #[must_use]
    pub fn new(by: &[By]) -> Self {
        Self(by.iter().cloned().map(Breakdown::new).collect())
    }
}

impl Fold for Breakdowns {
    /// For each way its groups, by name.
    type Out = Vec<BTreeMap<Vec<u8>, Point>>;

    fn frame(&mut self, frame: &Frame<'_>, problems: &mut Problems) {
        for breakdown in &mut self.0 {
            breakdown.frame(frame, problems);
        }
    }

    fn merge(&mut self, other: Self) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            mine.merge(theirs);
        }
    }

    fn finish(self, closing: &Closing) -> Self::Out {
        let groups = |report: BreakdownReport| {
            let point = |(name, group): (Vec<u8>, crate::breakdown::Group)| {
                (name, Point { count: group.count, size: group.size })
            };
            report.groups.into_iter().map(point).collect()
        };
        self.0.into_iter().map(|breakdown| groups(breakdown.finish(closing))).collect()
    }
}

/// Records and bytes of a group in one snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Point {
    /// Records.
    pub count: u64,
    /// Bytes they take in `state.bin`.
    pub size: u64,
}

/// A group over a cluster's snapshots.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What the group is called.
    pub name: Vec<u8>,
    /// Its records and bytes in each snapshot; nothing where it isn't there.
    pub points: Vec<Point>,
    /// From the first to the last snapshot that is whole.
    pub growth: Growth,
}

/// How something changed from the first to the last snapshot that is whole.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Growth {
    /// What there was in the first one.
    pub first: Point,
    /// What there is in the last one.
    pub last: Point,
    /// Bytes a day; unknown if they don't both say when they were taken, or lie less than
    /// [`SHORTEST_SPAN_MS`] apart.
    pub bytes_per_day: Option<f64>,
    /// Records a day.
    pub count_per_day: Option<f64>,
}

impl Growth {
    /// Bytes more, or fewer.
    #[must_use]
    pub fn bytes(&self) -> i64 {
        difference(self.first.size, self.last.size)
    }

    /// Records more, or fewer.
    #[must_use]
    pub fn count(&self) -> i64 {
        difference(self.first.count, self.last.count)
    }
}

/// No snapshot has so many bytes that the ends of the range matter.
fn difference(first: u64, last: u64) -> i64 {
    let amount = i64::try_from(first.abs_diff(last)).unwrap_or(i64::MAX);
    if last < first { -amount } else { amount }
}

/// What a day would bring is not guessed from less than an hour.
pub const SHORTEST_SPAN_MS: i64 = 3_600_000;
const DAY_MS: f64 = 86_400_000.0;

/// Sizes and counts of one cluster over its snapshots.
#[derive(Debug, Clone, PartialEq)]
pub struct Trend {
    /// All records, `state.bin` as a whole.
    pub total: Line,
    /// For each way of grouping its groups: fastest grower first, then the largest, then by name.
    pub groups: Vec<Vec<Line>>,
}

impl Trend {
    /// Puts the answers of a cluster's snapshots to [`Breakdowns`] side by side.
    #[must_use]
    pub fn of(cluster: &Cluster<<Breakdowns as Fold>::Out>) -> Self {
        let snapshots = &cluster.snapshots;
        let whole = |snapshot: &Snapshot<_>| Point {
            count: snapshot.closing.records,
            size: snapshot.closing.integrity.actual_size,
        };
        let total = Line::new(b"Total".to_vec(), snapshots.iter().map(whole).collect(), snapshots);
        let ways = snapshots.iter().map(|snapshot| snapshot.out.len()).max().unwrap_or(0);
        let groups = (0..ways)
            .map(|way| {
                let mut lines: BTreeMap<&[u8], Vec<Point>> = BTreeMap::new();
                for (at, snapshot) in snapshots.iter().enumerate() {
                    for (name, point) in snapshot.out.get(way).into_iter().flatten() {
                        let points = lines
                            .entry(name)
                            .or_insert_with(|| vec![Point::default(); snapshots.len()]);
                        if let Some(slot) = points.get_mut(at) {
                            *slot = *point;
                        }
                    }
                }
                let mut lines: Vec<Line> = lines
                    .into_iter()
                    .map(|(name, points)| Line::new(name.to_vec(), points, snapshots))
                    .collect();
                // Stable, so that equally fast ones stay by name.
                lines.sort_by_key(|line| Reverse((line.growth.bytes(), line.growth.last.size)));
                lines
            })
            .collect();
        Self { total, groups }
    }
}

impl Line {
    fn new<T>(name: Vec<u8>, points: Vec<Point>, snapshots: &[Snapshot<T>]) -> Self {
        let whole: Vec<(&Snapshot<T>, Point)> = snapshots
            .iter()
            .zip(points.iter().copied())
            .filter(|(snapshot, _)| !snapshot.is_damaged())
            .collect();
        let (Some((_, first)), Some((_, last))) = (whole.first(), whole.last()) else {
            return Self { name, points, growth: Growth::default() };
        };
        let mut growth =
            Growth { first: *first, last: *last, bytes_per_day: None, count_per_day: None };
        let mut timed = whole.iter().filter_map(|(s, point)| Some((s.taken_ms?, *point)));
        if let Some((from_ms, from)) = timed.next()
            && let Some((to_ms, to)) = timed.next_back()
            && to_ms - from_ms >= SHORTEST_SPAN_MS
        {
            let between = Growth { first: from, last: to, ..Growth::default() };
            growth.bytes_per_day = Some(per_day(between.bytes(), to_ms - from_ms));
            growth.count_per_day = Some(per_day(between.count(), to_ms - from_ms));
        }
        Self { name, points, growth }
    }
}

#[allow(clippy::cast_precision_loss)] // it is shown with a few digits
fn per_day(difference: i64, span_ms: i64) -> f64 {
    difference as f64 * DAY_MS / span_ms as f64
}
