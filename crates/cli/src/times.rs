//! Points in time as they are typed and shown.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;
use snapscope_decode::GoTime;

pub(crate) use snapscope_answers::times::{exact, of_timestamp, of_unix_ms, rfc3339};

/// Parses a time in RFC 3339, or a day, which means its first second in UTC.
pub(crate) fn parse(text: &str) -> Result<GoTime, String> {
    let day = || TimeZone::UTC.to_timestamp(day(text)?.at(0, 0, 0, 0)).ok();
    if let Some(time) = text.parse::<Timestamp>().ok().or_else(day) {
        return Ok(of(time));
    }
    Err(match date_and_time(text) {
        Some(_) => format!("the time zone is missing; append Z for UTC: {text}Z"),
        None => "expected a time such as 2026-11-23T03:10:00Z, or a day such as 2026-11-23".into(),
    })
}

/// A day alone. Jiff also reads the day of a date with a time.
fn day(text: &str) -> Option<Date> {
    let is_date = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    is_date.then(|| text.parse().ok()).flatten()
}

/// A time of day.
fn clock(text: &str) -> Option<Time> {
    let is_clock = text.len() >= "10:02".len() && text.get(2..3) == Some(":");
    is_clock.then(|| text.parse().ok()).flatten()
}

/// A date and a time without a zone.
fn date_and_time(text: &str) -> Option<DateTime> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    Some(day(date)?.to_datetime(clock(time)?))
}

fn of(time: Timestamp) -> GoTime {
    GoTime {
        seconds: time.as_second() + GoTime::UNIX_EPOCH,
        nanos: time.subsec_nanosecond(),
        offset: None,
    }
}

/// A point in time as commands about a log accept it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Typed {
    At(GoTime),
    /// In local time.
    Local(DateTime),
    /// In local time, on a day that depends on the log.
    OfDay(Time),
}

/// Parses a time in RFC 3339, a day, or a local time with or without a date.
pub(crate) fn typed(text: &str) -> Result<Typed, String> {
    if let Ok(time) = parse(text) {
        return Ok(Typed::At(time));
    }
    let local = date_and_time(text).map(Typed::Local);
    local.or_else(|| clock(text).map(Typed::OfDay)).ok_or_else(|| {
        "expected a time such as 2026-11-23T03:10:00Z, a day such as 2026-11-23, or a time of day such \
         as 10:02"
            .to_owned()
    })
}

/// A local time as a point in time.
pub(crate) fn of_local(time: DateTime) -> Option<GoTime> {
    TimeZone::system().to_timestamp(time).ok().map(of)
}

/// A time of day on the local day of another point in time.
pub(crate) fn on_day_of(time: Time, other: GoTime) -> Option<GoTime> {
    let other = Timestamp::from_second(other.unix_seconds()).ok()?;
    of_local(TimeZone::system().to_datetime(other).date().to_datetime(time))
}

/// The end of a range. A time without a fraction includes its whole second, because tables and
/// notes show times to the second.
pub(crate) fn as_end(text: &str, time: GoTime) -> GoTime {
    let is_whole = time.nanos == 0 && !text.contains(['.', ',']);
    if is_whole { GoTime { nanos: 999_999_999, ..time } } else { time }
}

/// In RFC 3339, in local time with its offset.
pub(crate) fn local(time: GoTime) -> String {
    Timestamp::new(time.unix_seconds(), time.nanos).map_or_else(
        |_| exact(time),
        |at| at.display_with_offset(TimeZone::system().to_offset(at)).to_string(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_days_are_read() {
        for (text, shown) in [
            ("2026-11-23T03:10:00Z", "2026-11-23T03:10:00Z"),
            ("2026-11-23T04:10:00.5+01:00", "2026-11-23T03:10:00Z"),
            ("2026-11-23", "2026-11-23T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(parse(text).unwrap()), shown);
        }
        for text in
            ["yesterday", "", "2026-11-23T03:10", "2026-11-23 03:10:00", "2026-11-23T03:10+27"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn times_of_day_are_read() {
        for text in ["10:02", "10:02:03", "00:00:00.5"] {
            assert!(matches!(typed(text), Ok(Typed::OfDay(_))), "{text}");
        }
        for text in ["2026-11-23", "2026-11-23 10:02:00Z", "2026-11-23T10:02:00+01:00"] {
            assert!(matches!(typed(text), Ok(Typed::At(_))), "{text}");
        }
        for text in ["2026-11-23 10:02", "2026-11-23T10:02:03", "2026-11-23t10:02:03.5"] {
            assert!(matches!(typed(text), Ok(Typed::Local(_))), "{text}");
        }
        for text in [
            "",
            "10",
            "1002",
            "24:01",
            "10:2",
            "10:02Z",
            "noon",
            "ab:cd",
            "2026-11-23 24:01",
            "2026-11-23T10:02:00+27:00",
            "2026-11-31 10:02",
            "2026-11-23 ",
            "2026-11-23 10:02 x",
        ] {
            assert!(typed(text).is_err(), "{text}");
        }
    }
}
