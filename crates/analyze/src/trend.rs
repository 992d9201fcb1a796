//! Sizes and counts over a series of snapshots.

use crate::breakdown::{Breakdown, By, Group};
use crate::drivers::{Fold, Problems};
use crate::series::{Cluster, Snapshot};
use snapscope_archive::Closing;
use snapscope_decode::Frame;
use snapscope_runs::{Amount as _, Merge, Ranked, Room, Sorted, Sorter, descending};
use std::io;

/// Groups the records of one snapshot in several ways at once.
#[derive(Debug)]
pub struct Breakdowns(Vec<Breakdown>);

impl Breakdowns {
    /// Creates an empty one.
    #[must_use]
    pub fn new(by: &[By], room: &Room) -> Self {
        Self(by.iter().map(|by| Breakdown::new(by.clone(), room)).collect())
    }
}

impl Fold for Breakdowns {
    /// The groups of each grouping, by name.
    type Out = io::Result<Vec<Ranked<Group>>>;

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

    fn finish(self, _: &Closing) -> Self::Out {
        self.0.into_iter().map(Breakdown::by_name).collect()
    }
}

/// Records and bytes of a group in one snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Point {
    /// Records.
    pub count: u64,
    /// Their size in `state.bin`.
    pub size: u64,
}

/// A group over a cluster's snapshots.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// Name of the group.
    pub name: Vec<u8>,
    /// Its records and bytes in each snapshot; `None` where it does not occur.
    pub points: Vec<Point>,
    /// From the first to the last intact snapshot.
    pub growth: Growth,
}

/// The change from the first to the last intact snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Growth {
    /// The value in the first one.
    pub first: Point,
    /// The value in the last one.
    pub last: Point,
    /// Bytes per day; unknown if one of them has no time, or if they are less than
    /// [`SHORTEST_SPAN_MS`] apart.
    pub bytes_per_day: Option<f64>,
    /// Records per day.
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

/// No snapshot is large enough for the ends of the range to matter.
fn difference(first: u64, last: u64) -> i64 {
    let amount = i64::try_from(first.abs_diff(last)).unwrap_or(i64::MAX);
    if last < first { -amount } else { amount }
}

/// A rate per day is not derived from less than an hour.
pub const SHORTEST_SPAN_MS: i64 = 3_600_000;
const DAY_MS: f64 = 86_400_000.0;

/// Sort order of the groups of a trend. Equal ones are sorted by growth, then by size, then by
/// name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rank {
    /// Bytes gained.
    Growth,
    /// Bytes gained or lost.
    Change,
    /// Bytes in the last snapshot.
    Size,
    /// Records in the last snapshot.
    Count,
    /// Only the name.
    Name,
}

impl Rank {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Growth, Self::Change, Self::Size, Self::Count, Self::Name];

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Growth => "growth",
            Self::Change => "change",
            Self::Size => "size",
            Self::Count => "count",
            Self::Name => "name",
        }
    }
}

impl Rank {
    fn of(self, line: &Line) -> [u8; 24] {
        let growth = descending(line.growth.bytes().cast_unsigned() ^ 1 << 63);
        let size = descending(line.growth.last.size);
        let parts = match self {
            Self::Growth => [growth, size, [0; 8]],
            Self::Change => [descending(line.growth.bytes().unsigned_abs()), growth, size],
            Self::Size => [size, growth, [0; 8]],
            Self::Count => [descending(line.growth.last.count), growth, size],
            Self::Name => [[0; 8]; 3],
        };
        let mut rank = [0; 24];
        rank.chunks_exact_mut(8).zip(parts).for_each(|(to, from)| to.copy_from_slice(&from));
        rank
    }
}

/// Sizes and counts of one cluster over its snapshots.
#[derive(Debug)]
pub struct Trend {
    /// All records, `state.bin` as a whole.
    pub total: Line,
    /// For each way of grouping its groups.
    pub groups: Vec<Lines>,
}

/// Groups over a cluster's snapshots, in the order of a [`Rank`].
#[derive(Debug)]
pub struct Lines {
    /// By rank and name the points of the snapshots that have the group.
    sorted: Sorted,
    len: u64,
    course: Course,
}

impl Trend {
    /// Combines the answers of a cluster's snapshots to [`Breakdowns`].
    ///
    /// # Errors
    /// If groups that do not fit in memory cannot be written to disk and read again.
    pub fn of(cluster: &Cluster<Vec<Ranked<Group>>>, rank: Rank, room: &Room) -> io::Result<Self> {
        let snapshots = &cluster.snapshots;
        let course = Course::of(snapshots);
        let whole = |snapshot: &Snapshot<_>| Point {
            count: snapshot.closing.records,
            size: snapshot.closing.integrity.actual_size,
        };
        let total = course.line(b"Total", snapshots.iter().map(whole).collect());
        let ways = snapshots.iter().map(|snapshot| snapshot.out.len()).max().unwrap_or(0);
        let way = |way: usize| {
            let groups = snapshots.iter().zip(0..);
            let groups = groups.filter_map(|(s, at)| Some((at, s.out.get(way)?.sorted())));
            Lines::of(Merge::of(groups)?, &course, rank, room)
        };
        Ok(Self { total, groups: (0..ways).map(way).collect::<io::Result<_>>()? })
    }
}

impl Lines {
    fn of(mut groups: Merge<'_>, course: &Course, rank: Rank, room: &Room) -> io::Result<Self> {
        let mut sorter = Sorter::new(room);
        let mut len = 0;
        let mut add = |name: Vec<u8>, points: &[(u64, Point)]| {
            let line = course.line(&name, course.points(points));
            let key = [&rank.of(&line)[..], &name].concat();
            let mut value = Vec::with_capacity(points.len() * 24);
            for (at, point) in points {
                for n in [*at, point.count, point.size] {
                    value.extend_from_slice(&n.to_le_bytes());
                }
            }
            len += 1;
            sorter.push(&key, &value)
        };
        type Line = (Vec<u8>, Vec<(u64, Point)>);
        let mut current: Option<Line> = None;
        while let Some(item) = groups.next()? {
            let group = Group::read(item.value);
            let point = (item.rank, Point { count: group.count, size: group.size });
            match &mut current {
                Some((name, points)) if name == item.key => points.push(point),
                _ => {
                    if let Some((name, points)) = current.replace((item.key.into(), vec![point])) {
                        add(name, &points)?;
                    }
                }
            }
        }
        if let Some((name, points)) = current {
            add(name, &points)?;
        }
        Ok(Self { sorted: sorter.finish()?, len, course: course.clone() })
    }

    /// Returns the number of groups.
    #[must_use]
    pub const fn len(&self) -> u64 {
        self.len
    }

    /// Whether it is empty.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Passes on the first `limit` groups, in order.
    ///
    /// # Errors
    /// If the temporary file can't be read, and what `each` fails with.
    pub fn each(
        &self,
        limit: u64,
        mut each: impl FnMut(&Line) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut entries = self.sorted.entries()?;
        for _ in 0..limit.min(self.len) {
            let Some(item) = entries.next()? else { break };
            let (numbers, _) = item.value.as_chunks::<8>();
            let (points, _) = numbers.as_chunks::<3>();
            let points: Vec<(u64, Point)> = points
                .iter()
                .map(|[at, count, size]| {
                    let [at, count, size] = [at, count, size].map(|n| u64::from_le_bytes(*n));
                    (at, Point { count, size })
                })
                .collect();
            let name = item.key.get(24..).unwrap_or(&[]);
            each(&self.course.line(name, self.course.points(&points)))?;
        }
        Ok(())
    }
}

/// What of the snapshots matters for a line.
#[derive(Debug, Clone)]
struct Course {
    /// For each snapshot whether it is whole, and when it was taken.
    snapshots: Vec<(bool, Option<i64>)>,
}

impl Course {
    fn of<T>(snapshots: &[Snapshot<T>]) -> Self {
        Self { snapshots: snapshots.iter().map(|s| (!s.is_damaged(), s.taken_ms)).collect() }
    }

    /// The points of all snapshots, of which some are given.
    fn points(&self, some: &[(u64, Point)]) -> Vec<Point> {
        let mut points = vec![Point::default(); self.snapshots.len()];
        for (at, point) in some {
            if let Some(slot) = usize::try_from(*at).ok().and_then(|at| points.get_mut(at)) {
                *slot = *point;
            }
        }
        points
    }

    fn line(&self, name: &[u8], points: Vec<Point>) -> Line {
        let whole: Vec<(Option<i64>, Point)> = self
            .snapshots
            .iter()
            .zip(&points)
            .filter_map(|((is_whole, taken_ms), point)| is_whole.then_some((*taken_ms, *point)))
            .collect();
        let name = name.to_vec();
        let (Some((_, first)), Some((_, last))) = (whole.first(), whole.last()) else {
            return Line { name, points, growth: Growth::default() };
        };
        let mut growth =
            Growth { first: *first, last: *last, bytes_per_day: None, count_per_day: None };
        let mut timed = whole.iter().filter_map(|(taken_ms, point)| Some(((*taken_ms)?, *point)));
        if let Some((from_ms, from)) = timed.next()
            && let Some((to_ms, to)) = timed.next_back()
            && to_ms - from_ms >= SHORTEST_SPAN_MS
        {
            let between = Growth { first: from, last: to, ..Growth::default() };
            growth.bytes_per_day = Some(per_day(between.bytes(), to_ms - from_ms));
            growth.count_per_day = Some(per_day(between.count(), to_ms - from_ms));
        }
        Line { name, points, growth }
    }
}

#[allow(clippy::cast_precision_loss)] // it is shown with a few digits
fn per_day(difference: i64, span_ms: i64) -> f64 {
    difference as f64 * DAY_MS / span_ms as f64
}
