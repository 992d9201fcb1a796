//! Numbers and bools as Go's strconv parses them.

/// Returns what `ParseInt(text, 0, 64)` returns.
#[must_use]
pub fn int(text: &str) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, text.get(1..)?),
        b'+' => (false, text.get(1..)?),
        _ => (false, text),
    };
    let size = i128::from(uint(digits)?);
    i64::try_from(if negative { -size } else { size }).ok()
}

/// Returns what `ParseUint(text, 0, 64)` returns: the prefix sets the base, and `_` may separate
/// digits.
#[must_use]
pub fn uint(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let (base, digits) = match lower.get(..2) {
        Some("0x") => (16, lower.get(2..)?),
        Some("0b") => (2, lower.get(2..)?),
        Some("0o") => (8, lower.get(2..)?),
        _ if lower.starts_with('0') && lower.len() > 1 => (8, lower.get(1..)?),
        _ => (10, lower.as_str()),
    };
    let prefixed = digits.len() < lower.len();
    // An underscore needs a digit or the prefix before it, and a digit after it.
    if digits.contains("__") || digits.ends_with('_') || (!prefixed && digits.starts_with('_')) {
        return None;
    }
    let digits: String = digits.chars().filter(|c| *c != '_').collect();
    if digits.is_empty() || !digits.chars().all(|c| c.is_digit(base)) {
        return None;
    }
    u64::from_str_radix(&digits, base).ok()
}

/// Returns what `ParseFloat(text, 64)` returns, except for hexadecimal floats. Overflow is an error
/// in Go.
#[must_use]
pub fn float(text: &str) -> Option<f64> {
    let value: f64 = text.parse().ok()?;
    let unsigned = text.trim_start_matches(['+', '-']);
    let named = unsigned.starts_with(|c: char| c.is_ascii_alphabetic());
    let signed_nan = value.is_nan() && unsigned.len() < text.len();
    ((value.is_finite() || named) && !signed_nan).then_some(value)
}

/// Whether `ParseFloat(text, 32)` accepts a number: it refuses those that round to more than a 32-bit float
/// can hold.
#[must_use]
pub fn fits_32_bits(x: f64) -> bool {
    x.is_infinite() || !single(x).is_infinite()
}

/// The nearest 32-bit float, as Go parses a value to compare it with one.
#[allow(clippy::cast_possible_truncation)]
#[must_use]
pub const fn single(x: f64) -> f32 {
    x as f32
}

/// Returns what `ParseBool(text)` returns.
#[must_use]
pub fn bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_go_reads_them() {
        for (text, value) in [
            ("8080", Some(8080)),
            ("0x1F90", Some(8080)),
            ("0b101", Some(5)),
            ("0o17", Some(15)),
            ("017", Some(15)),
            ("0_17", Some(15)),
            ("0x_1f", Some(31)),
            ("1_000", Some(1000)),
            ("-5", Some(-5)),
            ("+5", Some(5)),
            ("0", Some(0)),
            ("-9223372036854775808", Some(i64::MIN)),
            ("9223372036854775808", None),
            ("08", None),
            ("80.0", None),
            ("", None),
            ("-", None),
            ("--5", None),
            ("_1", None),
            ("1_", None),
            ("1__0", None),
            ("0x", None),
            ("abc", None),
        ] {
            assert_eq!(int(text), value, "{text:?}");
        }
        assert_eq!(uint("18446744073709551615"), Some(u64::MAX));
        assert_eq!(uint("18446744073709551616"), None);
        assert_eq!(uint("-1"), None);
        assert_eq!(float("1e3"), Some(1000.0));
        assert_eq!(float("1e999"), None);
        assert_eq!(float("inf"), Some(f64::INFINITY));
        assert_eq!(float("-Infinity"), Some(f64::NEG_INFINITY));
        assert!(float("NaN").is_some_and(f64::is_nan));
        assert_eq!(float("+nan"), None);
        for (text, fits) in [
            ("3.4028235e38", true),
            ("3.4028235677973366e38", false),
            ("-1e39", false),
            ("1e-60", true),
            ("inf", true),
            ("NaN", true),
        ] {
            assert_eq!(float(text).map(fits_32_bits), Some(fits), "{text}");
        }
        assert_eq!(bool("T"), Some(true));
        assert_eq!(bool("yes"), None);
    }
}
