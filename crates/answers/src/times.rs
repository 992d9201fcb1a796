//! Points in time as they are shown.

use jiff::Timestamp;
use snapscope_decode::GoTime;

/// In RFC 3339, UTC, to the second.
#[must_use]
pub fn rfc3339(time: GoTime) -> String {
    match Timestamp::from_second(time.unix_seconds()) {
        Ok(time) => of_timestamp(time),
        Err(_) => format!("second {} of year 1", time.seconds),
    }
}

/// In RFC 3339, UTC, with its fraction.
#[must_use]
pub fn exact(time: GoTime) -> String {
    Timestamp::new(time.unix_seconds(), time.nanos)
        .map_or_else(|_| format!("second {} of year 1", time.seconds), |time| time.to_string())
}

/// In RFC 3339, UTC, to the second.
#[must_use]
pub fn of_timestamp(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The same, of milliseconds since 1970; `None` outside of the years -9999 to 9999.
#[must_use]
pub fn of_unix_ms(ms: i64) -> Option<String> {
    Timestamp::from_millisecond(ms).ok().map(of_timestamp)
}
