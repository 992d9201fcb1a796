//! Rules of ACL policies: HCL or JSON that servers must still be able to parse.

use super::key::RedactKey;
use super::noise::noise;
use std::ops::Range;

/// Whether each secret is within a string, so that another text can take its place. Secrets come in order.
pub(super) fn are_in_strings(rules: &[u8], secrets: &[Range<usize>]) -> bool {
    let mut quotes = Quotes::default();
    let mut at = 0;
    // They are in order, so one pass over the rules suffices.
    secrets.iter().all(|secret| {
        quotes.pass(rules.get(at..secret.start).unwrap_or(&[]));
        at = at.max(secret.start);
        let inside = rules.get(secret.clone()).unwrap_or(&[]);
        quotes.are_open && !inside.iter().any(|b| matches!(b, b'"' | b'\n'))
    })
}

/// Whether the text so far ends within a string.
#[derive(Default)]
struct Quotes {
    are_open: bool,
    escaped: bool,
}

impl Quotes {
    fn pass(&mut self, text: &[u8]) {
        for b in text {
            match b {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.are_open = !self.are_open,
                b'\n' => self.are_open = false,
                _ => {}
            }
        }
    }
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
