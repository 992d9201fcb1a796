//! Replacements of secrets. The same secret always has the same replacement, and a UUID, an address
//! or a number is replaced by another one.

use super::certificates::Certificates;
use super::key::{Purpose, RedactKey, Stream};
use super::pseudonym;
use snapscope_decode::text::is_uuid;

/// Letters and digits without a special meaning in any language a text may be in.
const NOISE: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Bytes after which the noise in place of a longer text starts again. Random letters don't compress: without
/// this a redacted snapshot would be larger than the original, and take longer to write.
const PERIOD: usize = 64;

/// IDs of objects that servers create themselves, which are the same in every cluster.
fn is_reserved_uuid(text: &[u8]) -> bool {
    text.starts_with(b"00000000-0000-0000-0000-0000000000")
}

/// Appends the replacement of a secret.
pub(super) fn secret(key: &RedactKey, certificates: &Certificates, text: &[u8], out: &mut Vec<u8>) {
    if text.is_empty() {
    } else if is_uuid(text) {
        uuid(key, text, out);
    } else if certificates.replace(key, text, out) {
    } else if let Some(address) = pseudonym::address_text(key, text).filter(|other| other != text) {
        out.extend_from_slice(&address);
    } else {
        noise(key, text, out);
    }
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
        // A number doesn't start with a zero that wasn't there.
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
    // As much again each time, of whole periods but for the last.
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
            // One byte for each, so that what was text stays text.
            0x80.. => b'a' + r % 26,
            _ => *b,
        });
    }
}

/// Appends a value of the same form: JSON for JSON, an address for an address.
pub(super) fn look_alike(
    key: &RedactKey,
    certificates: &Certificates,
    value: &[u8],
    out: &mut Vec<u8>,
) {
    let start = out.len();
    if is_uuid(value) || pseudonym::address_text(key, value).is_some() || !is_text(value) {
        secret(key, certificates, value, out);
    } else if value.iter().any(u8::is_ascii_alphanumeric) {
        scrambled(key, value, out);
        keep_json_words(value, out.get_mut(start..).unwrap_or(&mut []));
    }
    // The form may be equal, the value must not.
    if out.get(start..) == Some(value) || out.len() == start {
        out.truncate(start);
        noise(key, value, out);
    }
}

/// Restores the JSON syntax of a text: `true`, `false`, `null`, and escapes.
fn keep_json_words(value: &[u8], out: &mut [u8]) {
    if !matches!(value.trim_ascii_start().first(), Some(b'{' | b'[' | b'"')) {
        return;
    }
    let (mut at, mut quoted) = (0, false);
    while let Some(rest) = value.get(at..).filter(|rest| !rest.is_empty()) {
        let keep = match rest.first() {
            Some(b'\\') if rest.get(1) == Some(&b'u') => 6,
            Some(b'\\') => 2,
            Some(b'"') => {
                quoted = !quoted;
                1
            }
            _ if quoted => 0,
            _ => [&b"true"[..], b"false", b"null", b"e", b"E"]
                .iter()
                .find(|word| rest.starts_with(word))
                .map_or(0, |word| word.len()),
        };
        let end = (at + keep).min(value.len());
        if let (Some(to), Some(from)) = (out.get_mut(at..end), value.get(at..end)) {
            to.copy_from_slice(from);
        }
        // A number doesn't start with a zero that wasn't there.
        let starts = at.checked_sub(1).and_then(|before| value.get(before));
        let starts = starts.is_none_or(|b| !b.is_ascii_digit() && *b != b'.');
        if keep == 0
            && starts
            && rest.first().is_some_and(u8::is_ascii_digit)
            && let Some(digit) = out.get_mut(at)
            && *digit == b'0'
        {
            *digit = b'7';
        }
        at += keep.max(1);
    }
}

/// Whether bytes are text: UTF-8 without control characters that no text has.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    std::str::from_utf8(bytes).is_ok()
        && !bytes.iter().any(|b| b.is_ascii_control() && !matches!(b, b'\n' | b'\r' | b'\t'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn key() -> RedactKey {
        RedactKey::from_bytes(b"a key")
    }

    fn replaced(text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        secret(&key(), &Certificates::default(), text, &mut out);
        out
    }

    #[test]
    fn secrets_keep_their_form() {
        let uuid = replaced(b"0d6bbd5f-6d4b-4f0a-8f5d-9f2f6a1b1c1d");
        assert!(is_uuid(&uuid));
        assert_eq!(uuid, replaced(b"0d6bbd5f-6d4b-4f0a-8f5d-9f2f6a1b1c1d"));
        let reserved = b"00000000-0000-0000-0000-000000000001";
        assert_eq!(replaced(reserved), reserved);
        assert!(replaced(b"10.1.2.3").starts_with(b"10."));
        assert!(replaced(b"12345678").iter().all(u8::is_ascii_digit));
        assert_eq!(replaced(b"").len(), 0);
    }

    #[test]
    fn values_that_look_alike_are_still_json() {
        for value in [
            r#"{"enabled": true, "n": 10.5, "list": [1e9, null, "a\n\u00e9\"b"]}"#,
            r#"["x"]"#,
            "\"text\"",
            "[1]",
        ] {
            let mut out = Vec::new();
            look_alike(&key(), &Certificates::default(), value.as_bytes(), &mut out);
            assert_ne!(out, value.as_bytes());
            assert_eq!(out.len(), value.len());
            assert!(serde_json::from_slice::<serde_json::Value>(&out).is_ok(), "{value}");
        }
    }

    proptest! {
        #[test]
        fn any_secret_is_replaced_by_as_many_bytes(
            text in proptest::collection::vec(any::<u8>(), 8..200)
        ) {
            let out = replaced(&text);
            prop_assert_ne!(&out, &text);
            prop_assert_eq!(out.len(), text.len());
            let mut out = Vec::new();
            look_alike(&key(), &Certificates::default(), &text, &mut out);
            prop_assert_ne!(&out, &text);
            let mut out = Vec::new();
            scrambled(&key(), &text, &mut out);
            prop_assert_eq!(out.len(), text.len());
        }
    }
}
