//! Decides which of many times are kept: the newest, and some of each hour, day, week and month.
//!
//! The rules are those of restic's `forget`, which users know. For each rule the snapshots are
//! walked from the newest on, and the first of each hour, day, week (ISO 8601) or month is kept
//! until the rule's number is used up. If the number is not used up, the oldest is kept as well.
//! All in UTC.

use crate::store::SnapshotId;
use jiff::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::fmt;

/// The retention rules.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Policy {
    /// Number of newest ones to keep; 0 keeps all, regardless of other rules.
    pub retain: usize,
    /// Keep the last of each hour, for this number of hours that have one.
    pub hourly: usize,
    /// Keep the last of each day.
    pub daily: usize,
    /// Keep the last of each ISO week.
    pub weekly: usize,
    /// Keep the last of each month.
    pub monthly: usize,
    /// Keep all that are at most this much older than the newest.
    pub within: Option<Within>,
}

/// A calendar duration: `1y2m3d4h` are a year, two months, three days and four hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Within {
    years: u32,
    months: u32,
    days: u32,
    hours: u32,
}

/// Maximum number before a unit: the hours of a century.
const LARGEST: u32 = 876_600;

impl std::str::FromStr for Within {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text:?} is not a time such as 1y6m14d12h: years, months, days and hours, in whole numbers"
            )
        };
        let mut within = Self::default();
        let mut rest = text;
        if rest.is_empty() {
            return Err(wrong());
        }
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
            let (number, behind) = rest.split_at(digits);
            let number = number.parse().ok().filter(|n| *n <= LARGEST).ok_or_else(wrong)?;
            let mut behind = behind.chars();
            let field = match behind.next() {
                Some('y') => &mut within.years,
                Some('m') => &mut within.months,
                Some('d') => &mut within.days,
                Some('h') => &mut within.hours,
                _ => return Err(wrong()),
            };
            *field = number;
            rest = behind.as_str();
        }
        Ok(within)
    }
}

impl fmt::Display for Within {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, unit) in
            [(self.years, 'y'), (self.months, 'm'), (self.days, 'd'), (self.hours, 'h')]
        {
            if number > 0 {
                write!(f, "{number}{unit}")?;
            }
        }
        if *self == Self::default() { f.write_str("0h") } else { Ok(()) }
    }
}

impl Within {
    /// Returns the moment that long before another. As in Go, a day that a month does not have
    /// overflows into the next month (31 March minus a month is 3 March). `None` if that is before
    /// the earliest possible time.
    fn before(self, moment: DateTime) -> Option<DateTime> {
        let months = i64::from(moment.year()) * 12 + i64::from(moment.month())
            - 1
            - i64::from(self.years) * 12
            - i64::from(self.months);
        let year = i16::try_from(months.div_euclid(12)).ok()?;
        let month = i8::try_from(months.rem_euclid(12) + 1).ok()?;
        let first = Date::new(year, month, 1).ok()?;
        let days = i64::from(moment.day()) - 1 - i64::from(self.days);
        let date = first.checked_add(days.days()).ok()?;
        date.to_datetime(moment.time()).checked_sub(i64::from(self.hours).hours()).ok()
    }
}

/// Why a snapshot is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// One of the newest.
    Newest,
    /// Recent enough.
    Within,
    /// The last of an hour.
    Hourly,
    /// The last of a day.
    Daily,
    /// The last of a week.
    Weekly,
    /// The last of a month.
    Monthly,
}

impl Reason {
    /// Returns it as a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Newest => "newest",
            Self::Within => "within",
            Self::Hourly => "hourly",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }
}

/// One rule while walking from the newest to the oldest.
struct Rule {
    reason: Reason,
    left: usize,
    last: Option<(i16, u32)>,
    slot: fn(DateTime, usize) -> (i16, u32),
}

/// The time in an ID.
fn taken(id: SnapshotId) -> DateTime {
    let time = Timestamp::from_nanosecond(i128::from(id.0)).unwrap_or(Timestamp::MAX);
    TimeZone::UTC.to_datetime(time)
}

impl Policy {
    /// Keeps this number of the newest; 0 keeps all.
    #[must_use]
    pub fn newest(retain: usize) -> Self {
        Self { retain, ..Self::default() }
    }

    /// Whether it keeps everything.
    #[must_use]
    pub const fn keeps_all(&self) -> bool {
        self.retain == 0
    }

    /// Whether it has calendar rules.
    #[must_use]
    pub const fn is_by_calendar(&self) -> bool {
        self.hourly > 0
            || self.daily > 0
            || self.weekly > 0
            || self.monthly > 0
            || self.within.is_some()
    }

    /// Returns the kept ones of `ids`, with the reasons. `ids` are sorted, oldest first.
    #[must_use]
    pub fn kept(&self, ids: &[SnapshotId], now: Timestamp) -> BTreeMap<SnapshotId, Vec<Reason>> {
        let mut kept: BTreeMap<SnapshotId, Vec<Reason>> = BTreeMap::new();
        if self.keeps_all() {
            return ids.iter().map(|id| (*id, vec![Reason::Newest])).collect();
        }
        let mut rules = self.rules();
        let now = TimeZone::UTC.to_datetime(now);
        // A snapshot from the future does not define what is old: the clock was wrong when it was
        // taken.
        let newest = ids.iter().rev().map(|id| taken(*id)).find(|time| *time < now);
        let limit = self.within.map(|within| newest.and_then(|newest| within.before(newest)));
        for (nth, id) in ids.iter().rev().enumerate() {
            let (time, is_oldest) = (taken(*id), nth + 1 == ids.len());
            let mut reasons = Vec::new();
            if limit.is_some_and(|limit| limit.is_none_or(|limit| time > limit)) {
                reasons.push(Reason::Within);
            }
            for rule in rules.iter_mut().filter(|rule| rule.left > 0) {
                let slot = (rule.slot)(time, nth);
                if rule.last != Some(slot) || is_oldest {
                    rule.left -= 1;
                    rule.last = Some(slot);
                    reasons.push(rule.reason);
                }
            }
            if !reasons.is_empty() {
                kept.insert(*id, reasons);
            }
        }
        kept
    }

    fn rules(&self) -> [Rule; 5] {
        let rule = |reason, left, slot: fn(DateTime, usize) -> (i16, u32)| Rule {
            reason,
            left,
            last: None,
            slot,
        };
        [
            rule(Reason::Newest, self.retain, |_, nth| (0, u32::try_from(nth).unwrap_or(u32::MAX))),
            rule(Reason::Hourly, self.hourly, |time, _| {
                (time.year(), day(time) * 24 + u32::from(time.hour().unsigned_abs()))
            }),
            rule(Reason::Daily, self.daily, |time, _| (time.year(), day(time))),
            rule(Reason::Weekly, self.weekly, |time, _| {
                let week = time.date().iso_week_date();
                (week.year(), u32::from(week.week().unsigned_abs()))
            }),
            rule(Reason::Monthly, self.monthly, |time, _| {
                (time.year(), u32::from(time.month().unsigned_abs()))
            }),
        ]
    }
}

/// The ordinal of a day in its year.
fn day(time: DateTime) -> u32 {
    u32::from(time.date().day_of_year().unsigned_abs())
}
