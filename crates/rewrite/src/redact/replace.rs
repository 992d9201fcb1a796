//! Replacements of secrets. The same secret always has the same replacement, and a UUID, an address
//! or a number is replaced by another one.

use super::certificates::Certificates;
use super::key::RedactKey;
use super::noise::{is_text, noise, scrambled, uuid};
use super::pseudonym;
use snapscope_decode::text::is_uuid;

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
        // A number must not start with a new zero.
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
