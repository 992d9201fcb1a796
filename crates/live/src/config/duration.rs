//! Durations as Go writes them: `1h30m`, `72h`, `0`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// A duration in Go's notation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct GoDuration(pub Duration);

/// Nanoseconds of each unit; longer names first where one begins with another.
const UNITS: [(&str, u128); 8] = [
    ("ns", 1),
    ("us", 1_000),
    ("µs", 1_000),
    ("μs", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("m", 60_000_000_000),
    ("h", 3_600_000_000_000),
];

impl FromStr for GoDuration {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is no duration; write it as 30s, 90m or 1h30m");
        if text.starts_with('-') {
            return Err(format!("{text:?} is a negative duration"));
        }
        if text == "0" {
            return Ok(Self(Duration::ZERO));
        }
        let mut rest = text;
        let mut total: u128 = 0;
        if rest.is_empty() {
            return Err(wrong());
        }
        while !rest.is_empty() {
            let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(wrong)?;
            let (number, tail) = rest.split_at(end);
            let (name, unit) =
                UNITS.iter().find(|(name, _)| tail.starts_with(name)).ok_or_else(wrong)?;
            total = total.checked_add(nanoseconds(number, *unit).ok_or_else(wrong)?).ok_or_else(wrong)?;
            rest = &tail[name.len()..];
        }
        u64::try_from(total).map(|ns| Self(Duration::from_nanos(ns))).map_err(|_| wrong())
    }
}

/// `number` units, of which digits behind the point below a nanosecond are dropped.
fn nanoseconds(number: &str, unit: u128) -> Option<u128> {
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && part.is_empty() {
        return None;
    }
    let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut total = whole.checked_mul(unit)?;
    let mut weight = unit;
    for digit in part.chars() {
        weight /= 10;
        total = total.checked_add(u128::from(digit.to_digit(10)?) * weight)?;
    }
    Some(total)
}

/// As Go prints a duration of whole seconds, and in fractions of a second below that: what Consul's
/// API takes.
impl fmt::Display for GoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.as_secs();
        if self.0.subsec_nanos() != 0 {
            return write!(f, "{}s", self.0.as_secs_f64());
        }
        match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
            (0, 0, s) => write!(f, "{s}s"),
            (0, m, s) => write!(f, "{m}m{s}s"),
            (h, m, s) => write!(f, "{h}h{m}m{s}s"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_go_reads() {
        for (text, ms) in [
            ("0", 0),
            ("0s", 0),
            ("1h", 3_600_000),
            ("1h30m", 5_400_000),
            ("72h", 259_200_000),
            ("1.5s", 1_500),
            (".5s", 500),
            ("100ms", 100),
            ("2m0s", 120_000),
        ] {
            assert_eq!(text.parse(), Ok(GoDuration(Duration::from_millis(ms))), "{text}");
        }
        for bad in ["", "1", "h", "1d", "-1h", "1h-", "1.2.3s", ".s", "99999999999999999999h"] {
            assert!(bad.parse::<GoDuration>().is_err(), "{bad}");
        }
    }

    #[test]
    fn is_printed_as_go_prints() {
        for text in ["72h0m0s", "1m30s", "0s", "1.5s"] {
            assert_eq!(text.parse::<GoDuration>().unwrap().to_string(), text);
        }
    }
}
