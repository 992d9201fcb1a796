//! Reads the texts that Go writes: durations and times.

use snapscope_decode::GoTime;

/// Units, in nanoseconds.
const UNITS: [(&str, i128); 7] = [
    ("ns", 1),
    ("us", 1_000),
    ("\u{b5}s", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

/// The nanoseconds of a duration such as `1m30s`; `None` if it is not one, or too long.
#[must_use]
pub fn duration_nanos(text: &str) -> Option<i64> {
    let (is_negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut nanos: i128 = 0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, after) = rest.split_at_checked(end)?;
        let end = after.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(end)?;
        let (_, size) = UNITS.iter().find(|(name, _)| *name == unit)?;
        nanos = nanos.checked_add(scaled(number, *size)?)?;
        rest = after;
    }
    i64::try_from(if is_negative { -nanos } else { nanos }).ok()
}

/// A decimal number of units; fractions of a nanosecond are dropped.
fn scaled(number: &str, size: i128) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut total = whole.checked_mul(size)?;
    let mut unit = size;
    for digit in fraction.chars() {
        unit /= 10;
        total = total.checked_add(unit.checked_mul(i128::from(digit.to_digit(10)?))?)?;
    }
    Some(total)
}

/// The time of a text such as `2026-11-23T03:10:13.5Z` or `...+05:30`; `None` if it is not one.
#[must_use]
pub fn time_of_text(text: &str) -> Option<GoTime> {
    let (date, rest) = text.split_once('T')?;
    let zone = rest.find(['Z', '+', '-'])?;
    let (clock, zone) = rest.split_at_checked(zone)?;
    let mut date = date.split('-');
    let (year, month, day) = (date.next()?, date.next()?, date.next()?);
    let (year, month, day): (i64, i64, i64) =
        (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut clock = clock.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let offset = match zone.split_at_checked(1)? {
        ("Z", "") => None,
        (sign, zone) => {
            let (hours, minutes) = zone.split_once(':')?;
            let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
            let east = hours.checked_mul(3600)?.checked_add(minutes.checked_mul(60)?)?;
            Some(if sign == "-" { -east } else { east })
        }
    };
    let is_in_range = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && (0..24).contains(&hour)
        && (0..60).contains(&minute)
        && (0..60).contains(&second)
        && (0..=9999).contains(&year)
        && fraction.len() <= 9;
    if !is_in_range {
        return None;
    }
    let nanos = format!("{fraction:0<9}").parse().ok()?;
    let local = days(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second;
    let seconds = local.checked_sub(i64::from(offset.unwrap_or(0)))?;
    Some(GoTime { seconds, nanos, offset })
}

/// Days since 0001-01-01.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Counted from 0000-03-01, so that the leap day is the last day of a year.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 306
}

#[cfg(test)]
mod tests {
    use super::super::go_text::{duration_text, time_text};
    use super::*;

    #[test]
    fn durations_are_read_as_they_are_written() {
        for nanos in
            [0, 7, 1_500, 1_500_000, 90_000_000_000, 360_000_000_000_005, i64::MIN, i64::MAX]
        {
            assert_eq!(duration_nanos(&duration_text(nanos)), Some(nanos), "{nanos}");
        }
        for text in ["", "-", "5", "1x", "1.s.", "99999999999999999h", "."] {
            assert_eq!(duration_nanos(text), None, "{text:?}");
        }
        assert_eq!(duration_nanos("1.5h"), Some(5_400_000_000_000));
    }

    #[test]
    fn times_are_read_as_they_are_written() {
        let zones = [None, Some(0), Some(19_800), Some(-3600)];
        for seconds in [0i64, 86_399, 62_135_596_800, 63_087_379_200, 315_537_897_599 - 200_000] {
            for (offset, nanos) in zones.into_iter().zip([0, 120_000_000, 999_999_999, 1]) {
                let seconds = seconds + i64::from(offset == Some(-3600)) * 86_400;
                let time = GoTime { seconds, nanos, offset };
                let read = time_of_text(&time_text(&time)).unwrap();
                // UTC is written in one way.
                let expected = GoTime { offset: offset.filter(|offset| *offset != 0), ..time };
                assert_eq!(read, expected, "{}", time_text(&time));
            }
        }
        for text in
            ["", "T", "2026-11-23", "2026-13-01T00:00:00Z", "2026-01-01T25:00:00Z", "x-y-zT1:2:3Z"]
        {
            assert_eq!(time_of_text(text), None, "{text:?}");
        }
    }
}
