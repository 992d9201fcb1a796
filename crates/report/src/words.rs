//! Formats names, times and numbers.

use jiff::Timestamp;
use snapscope_objects::printable::one_line;

/// Maximum number of characters of a name. The shortened name says how many are missing.
const LONGEST: usize = 96;

/// A name from a file on one line, shortened in the middle, without characters that hide other
/// characters or change their direction.
#[must_use]
pub fn shown(name: &[u8]) -> String {
    // A name may be as long as a record. The part that is cut out need not be escaped.
    let start = name.get(..LONGEST * 4).unwrap_or(name);
    let text = one_line(start);
    let is_whole = start.len() == name.len();
    if is_whole && text.chars().count() <= LONGEST {
        return text;
    }
    let first: String = text.chars().take(LONGEST * 2 / 3).collect();
    let end = name.get(name.len().saturating_sub(LONGEST)..).unwrap_or(name);
    let end: Vec<char> = one_line(end).chars().collect();
    let last: String = end.iter().skip(end.len().saturating_sub(LONGEST / 4)).collect();
    format!("{first}\u{2026}{last} ({} bytes)", name.len())
}

/// A text of this program or of a message on one line, short enough for a page.
#[must_use]
pub fn message(text: &str) -> String {
    let line = one_line(text.as_bytes());
    match line.char_indices().nth(600) {
        Some((end, _)) => format!("{}\u{2026}", line.get(..end).unwrap_or(&line)),
        None => line,
    }
}

/// A time in UTC, to the second.
#[must_use]
pub fn time(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(
        |_| format!("second {seconds}"),
        |time| time.strftime("%Y-%m-%d %H:%M:%S UTC").to_string(),
    )
}

/// A minute in UTC, where there is no room for more.
#[must_use]
pub fn minute(seconds: i64) -> String {
    Timestamp::from_second(seconds).map_or_else(
        |_| format!("second {seconds}"),
        |time| time.strftime("%Y-%m-%d %H:%M").to_string(),
    )
}

/// A day in UTC.
#[must_use]
pub fn day(seconds: i64) -> String {
    Timestamp::from_second(seconds)
        .map_or_else(|_| format!("second {seconds}"), |time| time.strftime("%Y-%m-%d").to_string())
}

/// The current time, in seconds since 1970.
#[must_use]
pub fn now() -> i64 {
    Timestamp::now().as_second()
}

/// A duration in its two largest units.
#[must_use]
pub fn duration(seconds: i64) -> String {
    let (minutes, hours, days) = (seconds / 60, seconds / 3600, seconds / 86_400);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, _) => format!("{minutes} min"),
        (0, _, _) => format!("{hours} h {} min", minutes % 60),
        (1, _, _) => format!("1 day {} h", hours % 24),
        _ => format!("{days} days"),
    }
}

/// A number with thin spaces between thousands.
#[must_use]
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() * 2);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

/// A share of a whole, from 0 to 1.
#[must_use]
#[allow(clippy::cast_precision_loss)] // a share is shown with a few digits
pub fn share(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// A share of a whole in percent.
#[must_use]
pub fn percent(part: u64, whole: u64) -> String {
    match share(part, whole) * 100.0 {
        x if x > 0.0 && x < 0.1 => "<0.1 %".to_owned(),
        x => format!("{x:.1} %"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_short_and_on_their_line() {
        assert_eq!(shown("app/ключ".as_bytes()), "app/ключ");
        assert_eq!(shown("a\u{202e}b\n".as_bytes()), "a\\u{202e}b\\n");
        let long = shown(&[b'x'; 5000]);
        assert!(long.chars().count() < 110 && long.ends_with("xxx (5000 bytes)"), "{long}");
        assert_eq!(shown(b"\xff\xfe"), "\\xff\\xfe");
    }

    #[test]
    fn numbers_read_well() {
        assert_eq!([grouped(7), grouped(1_234_567)], ["7", "1\u{202f}234\u{202f}567"]);
        assert_eq!(
            [percent(1, 3), percent(1, 10_000), percent(0, 0)],
            ["33.3 %", "<0.1 %", "0.0 %"]
        );
        assert_eq!(
            [duration(5), duration(7300), duration(90_000)],
            ["5 s", "2 h 1 min", "1 day 1 h"]
        );
        assert_eq!(time(0), "1970-01-01 00:00:00 UTC");
    }
}
