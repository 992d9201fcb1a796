//! Rules of ACL policies: HCL or JSON that servers must still be able to parse.

use super::key::RedactKey;
use super::noise::noise;
use std::ops::Range;

/// Whether each secret is within a string, so that another text can take its place.
pub(super) fn are_in_strings(rules: &[u8], secrets: &[Range<usize>]) -> bool {
    secrets.iter().all(|secret| {
        let before = rules.get(..secret.start).unwrap_or(&[]);
        let inside = rules.get(secret.clone()).unwrap_or(&[]);
        is_quoted_after(before) && !inside.iter().any(|b| matches!(b, b'"' | b'\n'))
    })
}

/// Whether a text ends within a string.
fn is_quoted_after(text: &[u8]) -> bool {
    let (mut quoted, mut escaped) = (false, false);
    for b in text {
        match b {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => quoted = !quoted,
            b'\n' => quoted = false,
            _ => {}
        }
    }
    quoted
}

/// A comment in place of rules that are a secret as a whole; it allows nothing.
pub(super) fn commented(key: &RedactKey, rules: &[u8]) -> Vec<u8> {
    let mut out = vec![b'#'];
    let rest: Vec<u8> =
        rules.iter().skip(1).map(|b| if b.is_ascii() { *b } else { b'x' }).collect();
    let text: Vec<u8> = rest.iter().map(|b| if b.is_ascii_control() { b'x' } else { *b }).collect();
    noise(key, &text, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_within_strings_are_told_from_others() {
        let rules = br#"key "a\"secret" { policy = "read" }"#;
        assert!(are_in_strings(rules, &[Range { start: 8, end: 14 }]));
        assert!(!are_in_strings(rules, &[Range { start: 0, end: 3 }]));
        assert!(!are_in_strings(rules, &[Range { start: 8, end: 20 }]));
        let comment = commented(&RedactKey::from_bytes(b"a key"), b"key \"a\" {\n}\n");
        assert_eq!(comment.len(), 12);
        assert!(comment.starts_with(b"#") && !comment.contains(&b'\n'));
    }
}
