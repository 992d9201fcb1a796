//! The rules once more, written another way, against random histories.

use super::policy::{Policy, Within};
use crate::store::SnapshotId;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

const DAY: i64 = 86_400;

/// Days since 1970 of a date, counted by hand.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leap + (month * 153 + 2) / 5 + day - 1 - 719_468
}

/// Year, month, day of a second, by trying.
fn date(second: i64) -> (i64, i64, i64) {
    let day = second.div_euclid(DAY);
    let mut year = 1970 + day / 366;
    while days(year + 1, 1, 1) <= day {
        year += 1;
    }
    let month = (1..=12).rev().find(|month| days(year, *month, 1) <= day).unwrap();
    (year, month, day - days(year, month, 1) + 1)
}

/// For one rule: the newest of each slot, of as many slots as the rule has; if there are fewer slots than
/// that, the oldest of all as well.
fn by_slot(times: &[i64], count: usize, slot: impl Fn(i64) -> i64) -> BTreeSet<i64> {
    let mut newest: BTreeMap<i64, i64> = BTreeMap::new();
    for time in times {
        let held = newest.entry(slot(*time)).or_insert(*time);
        *held = (*held).max(*time);
    }
    let mut kept: BTreeSet<i64> = newest.values().rev().take(count).copied().collect();
    if newest.len() < count {
        kept.extend(times.iter().min());
    }
    kept
}

/// The retention rules.
fn model(times: &[i64], policy: &Policy, within: Option<[i64; 4]>, now: i64) -> BTreeSet<i64> {
    let mut kept = by_slot(times, policy.retain, |time| time);
    kept.extend(by_slot(times, policy.hourly, |time| time.div_euclid(3600)));
    kept.extend(by_slot(times, policy.daily, |time| time.div_euclid(DAY)));
    // 1970 began on a Thursday; weeks begin on Mondays.
    kept.extend(by_slot(times, policy.weekly, |time| (time.div_euclid(DAY) + 3).div_euclid(7)));
    kept.extend(by_slot(times, policy.monthly, |time| {
        let (year, month, _) = date(time);
        year * 12 + month
    }));
    if let Some([years, months, off, hours]) = within {
        let newest = times.iter().copied().filter(|time| *time < now).max();
        let limit = newest.map(|newest| {
            let (year, month, day) = date(newest);
            let month = (year - years) * 12 + month - 1 - months;
            let first = days(month.div_euclid(12), month.rem_euclid(12) + 1, 1);
            (first + day - 1 - off) * DAY + newest.rem_euclid(DAY) - hours * 3600
        });
        kept.extend(times.iter().filter(|time| limit.is_none_or(|limit| **time > limit)));
    }
    kept
}

fn id(second: i64) -> SnapshotId {
    SnapshotId(u64::try_from(second).unwrap() * 1_000_000_000)
}

/// Histories as agents make them: steps of about an hour, a day, a week, with gaps.
fn histories() -> impl Strategy<Value = Vec<i64>> {
    let step = prop_oneof![
        1i64..120,
        3500i64..3700,
        DAY - 100..DAY + 100,
        6 * DAY..8 * DAY,
        27 * DAY..33 * DAY
    ];
    (1_100_000_000i64..2_000_000_000, prop::collection::vec(step, 0..120)).prop_map(
        |(mut time, steps)| {
            let mut times = vec![time];
            for step in steps {
                time += step;
                times.push(time);
            }
            times
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_kept_is_what_the_model_keeps(
        times in histories(),
        counts in (1usize..12, 0usize..30, 0usize..20, 0usize..10, 0usize..14),
        within in prop::option::of((0i64..3, 0i64..14, 0i64..40, 0i64..50)),
        ahead in -40 * DAY..40 * DAY,
    ) {
        let (retain, hourly, daily, weekly, monthly) = counts;
        let text = within.map(|(y, m, d, h)| format!("{y}y{m}m{d}d{h}h"));
        let policy = Policy {
            retain, hourly, daily, weekly, monthly,
            within: text.map(|text| text.parse::<Within>().unwrap()),
        };
        let now = times.last().unwrap() + ahead;
        let ids: Vec<SnapshotId> = times.iter().map(|time| id(*time)).collect();
        let kept = policy.kept(&ids, Timestamp::from_second(now).unwrap());
        let expected: BTreeSet<SnapshotId> =
            model(&times, &policy, within.map(|(y, m, d, h)| [y, m, d, h]), now).into_iter().map(id).collect();
        prop_assert_eq!(kept.keys().copied().collect::<BTreeSet<_>>(), expected);
        // The retention rules.
        prop_assert!(kept.contains_key(ids.last().unwrap()));
        let left: Vec<SnapshotId> = kept.keys().copied().collect();
        let again = policy.kept(&left, Timestamp::from_second(now).unwrap());
        prop_assert_eq!(again.len(), left.len());
    }
}

/// A year of daily ones, by what restic's documentation says of its own example.
#[test]
fn a_known_history() {
    let start = days(2026, 1, 1) * DAY + 3 * 3600;
    let times: Vec<SnapshotId> = (0..365).map(|day| id(start + day * DAY)).collect();
    let policy = Policy { retain: 1, daily: 7, weekly: 5, monthly: 12, ..Policy::default() };
    let kept = policy.kept(&times, Timestamp::MAX);
    let dates: Vec<String> = kept
        .keys()
        .map(|id| {
            let time = Timestamp::from_nanosecond(i128::from(id.0)).unwrap();
            TimeZone::UTC.to_datetime(time).date().to_string()
        })
        .collect();
    assert_eq!(
        dates,
        [
            "2026-01-31",
            "2026-02-28",
            "2026-03-31",
            "2026-04-30",
            "2026-05-31",
            "2026-06-30",
            "2026-07-31",
            "2026-08-31",
            "2026-09-30",
            "2026-10-31",
            "2026-11-30",
            "2026-12-06",
            "2026-12-13",
            "2026-12-20",
            "2026-12-25",
            "2026-12-26",
            "2026-12-27",
            "2026-12-28",
            "2026-12-29",
            "2026-12-30",
            "2026-12-31",
        ]
    );
}

#[test]
fn times_are_read_as_restic_reads_them() {
    for (text, shown) in [("1y5m7d2h", "1y5m7d2h"), ("14d", "14d"), ("0h", "0h"), ("2h1y", "1y2h")]
    {
        assert_eq!(text.parse::<Within>().unwrap().to_string(), shown);
    }
    for wrong in ["", "7", "d", "7w", "1.5d", "-1d", "99999999999h", "7D"] {
        assert!(wrong.parse::<Within>().is_err(), "{wrong}");
    }
}
