//! When snapshots are due: at intervals, or at the times of a cron expression.

use croner::errors::CronError;
use croner::parser::{CronParser, Seconds, Year};
use croner::{CivilDateTime, Cron, CronDateTime, Resolution, Weekday};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use std::cmp::Ordering;
use std::time::Duration;

/// When snapshots are due.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// This long after the previous one started.
    Every(Duration),
    /// At the times of a cron expression, in UTC.
    At(CronTimes),
}

/// The times of a cron expression, in UTC, in which no hour is repeated or skipped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CronTimes {
    text: String,
    cron: Box<Cron>,
}

/// Number of future times examined for the longest pause.
const LOOK_AHEAD: usize = 32;

impl std::str::FromStr for CronTimes {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parser =
            CronParser::builder().seconds(Seconds::Optional).year(Year::Disallowed).build();
        let cron = parser.parse(text).map_err(|_| {
            format!(
                "{text:?} is not a cron expression such as \"15 3 * * *\": expected minute (0-59), \
                 hour (0-23), day (1-31), month (1-12) and weekday (0-7)"
            )
        })?;
        let times = Self { text: text.to_owned(), cron: Box::new(cron) };
        if times.after(Timestamp::now()).is_none() {
            return Err(format!("{text:?} never occurs"));
        }
        Ok(times)
    }
}

impl CronTimes {
    /// The first time after another.
    #[must_use]
    pub fn after(&self, time: Timestamp) -> Option<Timestamp> {
        self.cron.find_next_occurrence(&Utc(time), false).ok().map(|found| found.0)
    }

    /// The last time before another, or that one itself.
    #[must_use]
    pub fn before(&self, time: Timestamp) -> Option<Timestamp> {
        self.cron.find_previous_occurrence(&Utc(time), true).ok().map(|found| found.0)
    }

    /// Returns the longest pause between two of the next times.
    fn longest_pause(&self, now: Timestamp) -> Duration {
        let mut longest = Duration::ZERO;
        let mut last = self.before(now).unwrap_or(now);
        for _ in 0..LOOK_AHEAD {
            let Some(next) = self.after(last) else { break };
            longest = longest.max(between(last, next));
            last = next;
        }
        longest
    }
}

impl Schedule {
    /// Returns the longest time between two snapshots, as far as known now.
    #[must_use]
    pub fn longest_pause(&self) -> Duration {
        match self {
            Self::Every(interval) => *interval,
            Self::At(times) => times.longest_pause(Timestamp::now()),
        }
    }

    /// Returns how long it is from `now` until one is due, if the last one was taken at `last`.
    #[must_use]
    pub fn remaining(&self, last: Timestamp, now: Timestamp) -> Duration {
        match self {
            Self::Every(interval) => interval.saturating_sub(between(last, now)),
            Self::At(times) => times.after(last).map_or(Duration::MAX, |next| between(now, next)),
        }
    }

    /// Whether one that was taken at `last` belongs to the current turn.
    #[must_use]
    pub fn is_current(&self, last: Timestamp, now: Timestamp) -> bool {
        last <= now && !self.remaining(last, now).is_zero()
    }
}

impl std::fmt::Display for Schedule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Every(interval) => write!(f, "every {}", short(*interval)),
            Self::At(times) => write!(f, "at {:?} (UTC)", times.text),
        }
    }
}

/// A duration as in a configuration: `1h`, `1h30m`, `90s`... by the largest units that it has.
fn short(duration: Duration) -> String {
    if duration.subsec_nanos() > 0 {
        return format!("{}s", duration.as_secs_f64());
    }
    let seconds = duration.as_secs();
    let parts = [(seconds / 3600, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")];
    let parts = parts.iter().filter(|(count, _)| *count > 0);
    parts.map(|(count, unit)| format!("{count}{unit}")).collect()
}

/// Returns the time from one moment to another; zero if that is earlier.
fn between(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or(Duration::ZERO)
}

/// A time for the search of matching times.
#[derive(Clone)]
struct Utc(Timestamp);

impl CronDateTime for Utc {
    fn to_civil(&self) -> CivilDateTime {
        let time = TimeZone::UTC.to_datetime(self.0);
        let part = |number: i8| u32::from(number.unsigned_abs());
        CivilDateTime::new(
            croner::CivilDate::from_parts_unchecked(
                i32::from(time.year()),
                part(time.month()),
                part(time.day()),
            ),
            croner::CivilTime::from_parts_unchecked(
                part(time.hour()),
                part(time.minute()),
                part(time.second()),
            ),
        )
    }

    fn civil_weekday(&self) -> Weekday {
        let day = TimeZone::UTC.to_datetime(self.0).weekday().to_sunday_zero_offset();
        Weekday::from_days_from_sunday(u32::from(day.unsigned_abs()))
    }

    fn resolve_civil(&self, civil: CivilDateTime) -> Result<Resolution<Self>, CronError> {
        let part = |number: u32| i8::try_from(number).ok();
        let time = (|| {
            jiff::civil::DateTime::new(
                i16::try_from(civil.year()).ok()?,
                part(civil.month())?,
                part(civil.day())?,
                part(civil.hour())?,
                part(civil.minute())?,
                part(civil.second())?,
                0,
            )
            .ok()
        })();
        let time = time.and_then(|time| TimeZone::UTC.to_timestamp(time).ok());
        time.map(|time| Resolution::Single(Self(time))).ok_or(CronError::InvalidDate)
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        self.0.checked_add(SignedDuration::from_secs(seconds)).ok().map(Self)
    }

    fn cmp_instant(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn cron_times_are_found_both_ways() {
        for (text, from, after, before) in [
            ("15 3 * * *", "2026-03-01T03:15:00Z", "2026-03-02T03:15:00Z", "2026-03-01T03:15:00Z"),
            (
                "*/20 * * * *",
                "2026-12-31T23:50:01Z",
                "2027-01-01T00:00:00Z",
                "2026-12-31T23:40:00Z",
            ),
            ("0 0 29 2 *", "2026-01-01T00:00:00Z", "2028-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
            ("0 4 * * SUN", "2026-11-23T00:00:00Z", "2026-11-29T04:00:00Z", "2026-11-22T04:00:00Z"),
            ("@daily", "2026-11-23T00:00:01Z", "2026-11-24T00:00:00Z", "2026-11-23T00:00:00Z"),
            (
                "*/5 * * * * *",
                "2026-11-23T00:00:01Z",
                "2026-11-23T00:00:05Z",
                "2026-11-23T00:00:00Z",
            ),
        ] {
            let times: CronTimes = text.parse().unwrap();
            assert_eq!(times.after(time(from)), Some(time(after)), "{text}");
            assert_eq!(times.before(time(from)), Some(time(before)), "{text}");
        }
        for wrong in ["", "1 2 3", "61 * * * *", "0 0 30 2 *", "every day"] {
            let said = wrong.parse::<CronTimes>().unwrap_err();
            assert!(said.contains(&format!("{wrong:?}")), "{said}");
        }
    }

    #[test]
    fn what_is_due_when() {
        let hourly = Schedule::Every(Duration::from_secs(3600));
        let last = time("2026-11-23T00:30:00Z");
        assert!(hourly.is_current(last, time("2026-11-23T01:29:59Z")));
        assert!(!hourly.is_current(last, time("2026-11-23T01:30:00Z")));
        // From the future: a clock was wrong, so it proves nothing.
        assert!(!hourly.is_current(last, time("2026-11-23T00:29:59Z")));
        let nightly = Schedule::At("0 3 * * *".parse().unwrap());
        assert_eq!(nightly.remaining(last, time("2026-11-23T02:59:00Z")), Duration::from_secs(60));
        assert!(nightly.is_current(last, time("2026-11-23T02:59:00Z")));
        assert!(!nightly.is_current(last, time("2026-11-23T03:00:00Z")));
        assert_eq!(nightly.longest_pause(), Duration::from_secs(86_400));
    }
}
