//! Points in time as they are typed and shown.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use snapscope_decode::GoTime;

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

/// In RFC 3339, UTC, to the second.
pub(crate) fn rfc3339(time: GoTime) -> String {
    match Timestamp::from_second(time.unix_seconds()) {
        Ok(time) => of_timestamp(time),
        Err(_) => format!("second {} of year 1", time.seconds),
    }
}

/// In RFC 3339, UTC, with the fraction it has.
pub(crate) fn exact(time: GoTime) -> String {
    Timestamp::new(time.unix_seconds(), time.nanos)
        .map_or_else(|_| format!("second {} of year 1", time.seconds), |time| time.to_string())
}

/// In RFC 3339, UTC, to the second.
pub(crate) fn of_timestamp(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The same, of milliseconds since 1970; `None` outside of the years -9999 to 9999.
pub(crate) fn of_unix_ms(ms: i64) -> Option<String> {
    Timestamp::from_millisecond(ms).ok().map(of_timestamp)
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
}
