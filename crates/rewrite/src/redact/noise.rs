//! Replacement UUIDs and noise: the same input has the same replacement.

use super::key::{Purpose, RedactKey, Stream};

/// Letters and digits that mean nothing special in any language of texts.
const NOISE: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Number of bytes after which the noise for a longer text repeats. Random letters do not compress:
/// without this a redacted snapshot would be larger than the original, and take longer to write.
const PERIOD: usize = 64;

/// IDs of objects that servers create themselves, which are the same in every cluster.
fn is_reserved_uuid(text: &[u8]) -> bool {
    text.starts_with(b"00000000-0000-0000-0000-0000000000")
}

/// Appends another UUID, unless it is the same in every cluster.
pub(super) fn uuid(key: &RedactKey, text: &[u8], out: &mut Vec<u8>) {
    if is_reserved_uuid(text) {
        out.extend_from_slice(text);
        return;
    }
    let upper = text.iter().any(u8::is_ascii_uppercase);
    let hash = key.hash(Purpose::Secret, &[b"uuid", &text.to_ascii_lowercase()]);
    let digits: &[u8; 16] = if upper { b"0123456789ABCDEF" } else { b"0123456789abcdef" };
    let digit = |nibble: u8| digits.get(usize::from(nibble & 15)).copied().unwrap_or(b'0');
    let mut nibbles = hash.iter().flat_map(|b| [b >> 4, b & 15]);
    for at in 0..36 {
        let nibble = nibbles.next().unwrap_or(0);
        out.push(match at {
            8 | 13 | 18 | 23 => b'-',
            14 => b'4',
            19 => digit(8 | nibble & 3),
            _ => digit(nibble),
        });
    }
}

/// Appends the same number of meaningless bytes: letters and digits for text, any bytes for others,
/// digits for a number.
pub(super) fn noise(key: &RedactKey, text: &[u8], out: &mut Vec<u8>) {
    let hash = key.hash(Purpose::Secret, &[b"noise", text]);
    let mut stream = Stream::of(&hash);
    let start = out.len();
    let first = text.len().min(PERIOD);
    if text.iter().all(u8::is_ascii_digit) {
        stream.fill(out, first, |b| b'0' + b % 10);
        // A number must not start with a new zero.
        if let (Some(first), true) = (out.get_mut(start), text.first() != Some(&b'0'))
            && *first == b'0'
        {
            *first = b'7';
        }
    } else if is_text(text) {
        stream.fill(out, first, |b| NOISE.get(usize::from(b & 31)).copied().unwrap_or(b'x'));
    } else {
        stream.fill(out, first, |b| b);
    }
    // Doubles the copied part each time, in whole periods except for the last.
    while let Some(left) = (start + text.len()).checked_sub(out.len()).filter(|left| *left > 0) {
        let again = left.min(out.len() - start);
        out.extend_from_within(start..start + again);
    }
    // A short one may be hit accidentally.
    if out.get(start..) == Some(text)
        && let Some(first) = out.get_mut(start)
    {
        *first = match first {
            b'9' => b'8',
            b'a'..=b'y' | b'0'..=b'8' => *first + 1,
            _ => first.wrapping_sub(1),
        };
    }
}

/// Appends a text with other words and numbers, of the same length, with the same lines and signs.
pub(super) fn scrambled(key: &RedactKey, text: &[u8], out: &mut Vec<u8>) {
    let hash = key.hash(Purpose::Secret, &[b"scrambled", text]);
    let mut stream = Stream::of(&hash);
    let mut random = [0u8; 8];
    for (at, b) in text.iter().enumerate() {
        if at % 8 == 0 {
            random = stream.next().to_le_bytes();
        }
        let r = random.get(at % 8).copied().unwrap_or(0);
        out.push(match b {
            b'a'..=b'z' => b'a' + r % 26,
            b'A'..=b'Z' => b'A' + r % 26,
            b'0'..=b'9' => b'0' + r % 10,
            // One byte for each, so text remains text.
            0x80.. => b'a' + r % 26,
            _ => *b,
        });
    }
}

/// Whether bytes are text: UTF-8 without control characters that no text has.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok()
        && !bytes.iter().any(|b| b.is_ascii_control() && !matches!(b, b'\n' | b'\r' | b'\t'))
}
