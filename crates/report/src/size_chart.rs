//! The chart of sizes over the snapshots of a series.

use crate::words::minute;
use snapscope_objects::printable::byte_size;
use snapscope_pictures::{Course, Label, LineChart};

/// Formats bytes for an axis.
#[derive(Debug)]
struct BytesAxis;

impl Label for BytesAxis {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // axes start at 0
    fn label(&self, value: f64) -> String {
        byte_size(value.max(0.0) as u64)
    }
}

/// A chart of sizes in bytes. Each snapshot has the time when it was taken, in milliseconds since
/// 1970, and its Raft index. If all times are known and ascend, they are the axis; otherwise the
/// snapshots are evenly spaced.
#[must_use]
#[allow(clippy::cast_precision_loss)] // positions need only a few digits
pub fn size_chart(
    snapshots: &[(Option<i64>, Option<u64>)],
    courses: Vec<Course>,
) -> LineChart<'static> {
    let times: Option<Vec<i64>> = snapshots.iter().map(|(taken_ms, _)| *taken_ms).collect();
    // Recreating the servers may have set back the index, and with it the order.
    let times = times.filter(|times| times.is_sorted());
    let at = match &times {
        Some(times) => times.iter().map(|ms| *ms as f64).collect(),
        None => (0..snapshots.len()).map(|nth| nth as f64).collect(),
    };
    let end = |snapshot: Option<&(Option<i64>, Option<u64>)>| match (snapshot, &times) {
        // Without seconds, both ends fit next to each other on narrow screens.
        (Some((Some(ms), _)), Some(_)) => minute(ms / 1000),
        (Some((_, Some(index))), _) => format!("index {index}"),
        _ => String::new(),
    };
    let ends = [end(snapshots.first()), end(snapshots.last())];
    LineChart { at, ends, courses, label: &BytesAxis, is_bytes: true }
}
