//! Estimates times: snapshots have Raft indexes, and a few times beside them.

use jiff::Timestamp;
use snapscope_decode::GoTime;

/// Seconds of a day.
pub(super) const DAY: i64 = 86_400;

/// Pairs of an index and a time at which it had been reached.
#[derive(Debug, Default)]
pub(super) struct Clock {
    known: Vec<(u64, i64)>,
}

impl Clock {
    pub(super) fn see(&mut self, index: u64, time: GoTime) {
        if index > 0 && !time.is_zero() {
            self.known.push((index, time.unix_seconds()));
        }
        // Tens of thousands of tokens yield the same precision as a few.
        if self.known.len() > 20_000 {
            self.thin();
        }
    }

    fn thin(&mut self) {
        self.known.sort_unstable();
        // Within a range of indexes, the earliest time bounds the others.
        let mut kept: Vec<(u64, i64)> = Vec::new();
        for &(index, time) in self.known.iter().rev() {
            if kept.last().is_none_or(|(_, least)| time < *least) {
                kept.push((index, time));
            }
        }
        self.known = kept;
    }

    pub(super) fn merge(&mut self, other: Self) {
        self.known.extend(other.known);
    }

    /// A time by which that index had certainly been reached; in seconds since 1970.
    pub(super) fn no_later_than(&self, index: u64) -> Option<i64> {
        self.known.iter().filter(|(i, _)| *i >= index).map(|(_, time)| *time).min()
    }
}

/// A day in UTC, for messages.
pub(super) fn day(seconds: i64) -> String {
    Timestamp::from_second(seconds)
        .map_or_else(|_| format!("second {seconds}"), |t| t.strftime("%Y-%m-%d").to_string())
}
