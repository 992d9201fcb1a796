//! Text forms of Go: floats, durations, times, IP addresses.

use snapscope_decode::GoTime;
use std::fmt::Write as _;
use std::net::{Ipv4Addr, Ipv6Addr};

/// Go's text of a float: exponents only below 1e-6 and from 1e21.
pub(super) fn float_text(size: f64, plain: &str, exponent: impl Fn() -> String) -> String {
    if size != 0.0 && !(1e-6..1e21).contains(&size) {
        let text = exponent();
        // Rust writes 1e21, Go 1e+21.
        return match text.split_once('e') {
            Some((digits, power)) if !power.starts_with('-') => format!("{digits}e+{power}"),
            _ => text,
        };
    }
    plain.to_owned()
}

/// Go's text of a duration in nanoseconds: `1m30s`, `1.5ms`, `0s`.
#[must_use]
pub fn duration_text(nanos: i64) -> String {
    let size = nanos.unsigned_abs();
    let mut out = String::new();
    if nanos < 0 {
        out.push('-');
    }
    let (whole, fraction, digits, unit) = match size {
        0 => return "0s".to_owned(),
        1..=999 => (size, 0, 0, "ns"),
        1_000..=999_999 => (size / 1_000, size % 1_000, 3, "µs"),
        1_000_000..=999_999_999 => (size / 1_000_000, size % 1_000_000, 6, "ms"),
        _ => {
            let seconds = size / 1_000_000_000;
            let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
            if hours > 0 {
                let _ = write!(out, "{hours}h");
            }
            if hours > 0 || minutes > 0 {
                let _ = write!(out, "{minutes}m");
            }
            (seconds % 60, size % 1_000_000_000, 9, "s")
        }
    };
    let _ = write!(out, "{whole}");
    if fraction > 0 {
        let fraction = format!("{fraction:0digits$}");
        let _ = write!(out, ".{}", fraction.trim_end_matches('0'));
    }
    out.push_str(unit);
    out
}

/// A time as Go's JSON prints it: RFC 3339 in the zone in which it was written.
#[must_use]
pub fn time_text(time: &GoTime) -> String {
    let offset = time.offset.unwrap_or(0);
    let local = i128::from(time.seconds) + i128::from(offset);
    let (days, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let mut out = format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}",
        second / 3600,
        second / 60 % 60,
        second % 60
    );
    if time.nanos != 0 {
        let nanos = format!("{:09}", time.nanos);
        let _ = write!(out, ".{}", nanos.trim_end_matches('0'));
    }
    let minutes = offset / 60;
    if minutes == 0 {
        out.push('Z');
    } else {
        let sign = if minutes < 0 { '-' } else { '+' };
        let minutes = minutes.abs();
        let _ = write!(out, "{sign}{:02}:{:02}", minutes / 60, minutes % 60);
    }
    out
}

/// Year, month and day of the day that is `days` after 0001-01-01, in the Gregorian calendar.
fn civil(days: i128) -> (i128, i128, i128) {
    // Counted from 0000-03-01, so that the leap day is the last day of a year.
    let days = days + 306;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i128::from(month <= 2);
    (year, month, day)
}

/// An address as Go prints it; `None` if the bytes are not an address. Empty bytes become an empty
/// text.
#[must_use]
pub fn ip_text(bytes: &[u8]) -> Option<String> {
    if bytes.is_empty() {
        return Some(String::new());
    }
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(Ipv4Addr::from(four).to_string());
    }
    let address = Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?);
    Some(match address.to_ipv4_mapped() {
        Some(four) => four.to_string(),
        None => go_ipv6(address),
    })
}

/// Go never writes the dotted form in an IPv6 address, Rust does (`::1.2.3.4`).
fn go_ipv6(address: Ipv6Addr) -> String {
    let groups = address.segments();
    let mut longest = 0..0;
    let mut at = 0;
    while at < 8 {
        let run = groups[at..].iter().take_while(|g| **g == 0).count();
        if run >= 2 && run > longest.len() {
            longest = at..at + run;
        }
        at += run.max(1);
    }
    let text =
        |groups: &[u16]| groups.iter().map(|g| format!("{g:x}")).collect::<Vec<_>>().join(":");
    if longest.is_empty() {
        return text(&groups);
    }
    format!("{}::{}", text(&groups[..longest.start]), text(&groups[longest.end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_go_writes_them() {
        for (nanos, text) in [
            (0, "0s"),
            (7, "7ns"),
            (1_500, "1.5µs"),
            (1_500_000, "1.5ms"),
            (1_500_000_000, "1.5s"),
            (90_000_000_000, "1m30s"),
            (3_600_000_000_000, "1h0m0s"),
            (360_000_000_000_005, "100h0m0.000000005s"),
            (-60_000_000_000, "-1m0s"),
            (i64::MIN, "-2562047h47m16.854775808s"),
        ] {
            assert_eq!(duration_text(nanos), text);
        }
    }

    #[test]
    fn times_are_local_to_their_zone() {
        let time = |unix: i64, nanos, offset| {
            time_text(&GoTime { seconds: unix + GoTime::UNIX_EPOCH, nanos, offset })
        };
        assert_eq!(time_text(&GoTime::ZERO), "0001-01-01T00:00:00Z");
        assert_eq!(time(0, 0, None), "1970-01-01T00:00:00Z");
        assert_eq!(time(951_782_400, 120_000_000, Some(0)), "2000-02-29T00:00:00.12Z");
        assert_eq!(time(0, 0, Some(5 * 3600 + 1800)), "1970-01-01T05:30:00+05:30");
        assert_eq!(time(0, 0, Some(-3600)), "1969-12-31T23:00:00-01:00");
        assert_eq!(time(253_402_300_799, 999_999_999, None), "9999-12-31T23:59:59.999999999Z");
        assert_eq!(time(0, 0, Some(30)), "1970-01-01T00:00:30Z");
    }

    #[test]
    fn addresses_read_as_go_writes_them() {
        let six = |groups: [u16; 8]| {
            ip_text(&groups.iter().flat_map(|g| g.to_be_bytes()).collect::<Vec<_>>()).unwrap()
        };
        assert_eq!(ip_text(&[]).unwrap(), "");
        assert_eq!(ip_text(&[10, 0, 0, 1]).unwrap(), "10.0.0.1");
        assert_eq!(six([0, 0, 0, 0, 0, 0xffff, 0x0a00, 7]), "10.0.0.7");
        assert_eq!(six([0, 0, 0, 0, 0, 0, 0, 1]), "::1");
        assert_eq!(six([0; 8]), "::");
        assert_eq!(six([0x2001, 0xdb8, 0, 0, 1, 0, 0, 1]), "2001:db8::1:0:0:1");
        assert_eq!(six([1, 0, 3, 4, 5, 6, 7, 8]), "1:0:3:4:5:6:7:8");
        assert_eq!(six([0, 0, 0, 0, 0, 0, 0x0102, 0x0304]), "::102:304");
        assert_eq!(ip_text(&[1, 2, 3]), None);
    }
}
