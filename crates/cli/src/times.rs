//! Points in time as they are typed and shown.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use snapscope_decode::GoTime;

pub(crate) use snapscope_answers::times::{exact, of_timestamp, of_unix_ms, rfc3339};

/// Parses a time in RFC 3339, or a day, which means its first second in UTC.
pub(crate) fn parse(text: &str) -> Result<GoTime, String> {
    let day = || TimeZone::UTC.to_timestamp(text.parse::<Date>().ok()?.at(0, 0, 0, 0)).ok();
    let time = text.parse::<Timestamp>().ok().or_else(day);
    let time = time.ok_or(
        "expected a time such as 2026-11-23T03:10:00Z, or a day such as \
                           2026-11-23",
    )?;
    Ok(GoTime {
        seconds: time.as_second() + GoTime::UNIX_EPOCH,
        nanos: time.subsec_nanosecond(),
        offset: None,
    })
}

/// A point in time as commands about a log accept it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Typed {
    At(GoTime),
    /// On a day that depends on the log.
    OfDay(Time),
}

/// Parses a time in RFC 3339, a day, or a time of day.
pub(crate) fn typed(text: &str) -> Result<Typed, String> {
    if let Ok(time) = parse(text) {
        return Ok(Typed::At(time));
    }
    let is_clock = text.len() >= "10:02".len() && text.get(2..3) == Some(":");
    let time = is_clock.then(|| text.parse::<Time>().ok()).flatten();
    time.map(Typed::OfDay).ok_or_else(|| {
        "expected a time such as 2026-11-23T03:10:00Z, a day such as 2026-11-23, or a time of day such \
         as 10:02"
            .to_owned()
    })
}

/// A time of day on the local day of another point in time.
pub(crate) fn on_day_of(time: Time, other: GoTime) -> Option<GoTime> {
    let other = Timestamp::from_second(other.unix_seconds()).ok()?;
    let zone = TimeZone::system();
    let at = zone.to_timestamp(zone.to_datetime(other).date().to_datetime(time)).ok()?;
    Some(GoTime {
        seconds: at.as_second() + GoTime::UNIX_EPOCH,
        nanos: at.subsec_nanosecond(),
        offset: None,
    })
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
        assert!(parse("yesterday").is_err());
        assert!(parse("").is_err());
    }

    #[test]
    fn times_of_day_are_read() {
        for text in ["10:02", "10:02:03", "00:00:00.5"] {
            assert!(matches!(typed(text), Ok(Typed::OfDay(_))), "{text}");
        }
        assert!(matches!(typed("2026-11-23"), Ok(Typed::At(_))));
        for text in ["", "10", "1002", "24:01", "10:2", "10:02Z", "noon", "ab:cd"] {
            assert!(typed(text).is_err(), "{text}");
        }
    }
}
