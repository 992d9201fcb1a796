//! Values that look random, without any other hint.

use super::values::{Kinds, is_words};
use snapscope_decode::text::is_uuid;

/// Minimum entropy in bits per character, by the frequencies in the value itself.
const BITS: f64 = 3.5;

/// Whether a whole value looks like a generated key. Digests, UUIDs and plain hex do not count: far
/// more of them are identifiers than secrets.
pub(super) fn is_random(value: &[u8]) -> bool {
    if !(20..=200).contains(&value.len()) || is_uuid(value) || is_words(value) {
        return false;
    }
    let allowed = |b: &u8| {
        b.is_ascii_alphanumeric()
            || matches!(
                b,
                b'+' | b'/' | b'=' | b'_' | b'-' | b'!' | b'#' | b'%' | b'^' | b'&' | b'*' | b'~'
            )
    };
    if !value.iter().all(allowed) || value.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    let kinds = Kinds::of(value);
    // Paths and sentences without spaces have many separators.
    let separators = value.iter().filter(|b| matches!(b, b'/' | b'-' | b'_')).count();
    kinds.lower
        && kinds.upper
        && kinds.digit
        && separators * 8 <= value.len()
        && entropy(value) >= BITS
}

#[allow(clippy::cast_precision_loss)] // lengths are at most 200
fn entropy(value: &[u8]) -> f64 {
    let mut counts = [0u32; 256];
    for b in value {
        counts[usize::from(*b)] += 1;
    }
    let len = value.len() as f64;
    let share = counts.iter().filter(|n| **n > 0).map(|n| f64::from(*n) / len);
    -share.map(|p| p * p.log2()).sum::<f64>()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn random_is_told_from_written() {
        assert!(is_random(b"v11-ZYAWQ7PIMFjvcAgYqjHrrQOoYq0FeV7WcQ6mZsugSWog"));
        for value in [
            "6e0f57416dcd01277c895499c7737c41e95e9e30b3ca41dc8e6611b9b2111e73",
            "dbd79588-671f-48fc-a896-9fd7a9cd8061",
            "The-Quick-Brown-Fox-4",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaA1",
            "/usr/local/share/Doc/README-2026",
        ] {
            assert!(!is_random(value.as_bytes()), "{value}");
        }
    }
}
