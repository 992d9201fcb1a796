//! `name = value` in JSON, YAML, TOML, INI, HCL, XML, env files, connection strings.

use super::names::{Promise, promise};
use super::values::{self, Plausibility, look};
use std::ops::Range;

/// A name that indicates a secret, and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Assignment {
    pub(super) name: Range<usize>,
    pub(super) value: Range<usize>,
    pub(super) look: Plausibility,
}

/// Maximum number of characters of a name on either side of the matched word.
const REACH: usize = 48;

const fn in_name(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')
}

/// Returns the assignment around the word at `found`, if there is one.
pub(super) fn around(text: &[u8], found: Range<usize>) -> Option<Assignment> {
    let before = text[..found.start].iter().rev().take(REACH).take_while(|b| in_name(**b)).count();
    let after = text[found.end..].iter().take(REACH).take_while(|b| in_name(**b)).count();
    let name = found.start - before..found.end + after;
    // Most words occur in prose, where no sign follows. This is checked first, because it is
    // cheapest.
    let value = value_after(text, name.end)?;
    let promise = promise(&text[name.clone()])?;
    let mut value = value;
    let mut look = look(&text[value.clone()], promise);
    if look == Plausibility::Nothing
        && promise == Promise::Password
        && let Some(blank) = text[value.clone()].iter().position(u8::is_ascii_whitespace)
    {
        // "password: hunter2, don't tell": prose, so it is only a guess.
        value.end = value.start + blank;
        if values::look(&text[value.clone()], promise) == Plausibility::Secret {
            look = Plausibility::Weak;
        }
    }
    // A token that is a reference to another name: `token = other_token`.
    if look == Plausibility::Nothing
        || (promise == Promise::Random && is_path_like(&text[value.clone()]))
    {
        return None;
    }
    Some(Assignment { name, value, look })
}

fn is_path_like(value: &[u8]) -> bool {
    value.iter().filter(|b| **b == b'/').count() > 2
        && value.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'-' | b'_' | b'.'))
        && !value.iter().any(u8::is_ascii_uppercase)
}

/// The position of the value after a name.
fn value_after(text: &[u8], mut at: usize) -> Option<Range<usize>> {
    // JSON in a JSON string has escaped quotes.
    let escaped = text.get(at) == Some(&b'\\') && matches!(text.get(at + 1), Some(b'"' | b'\''));
    if escaped {
        at += 1;
    }
    let quoted = matches!(text.get(at), Some(b'"' | b'\'' | b'`'));
    if quoted {
        at += 1;
    }
    if text.get(at) == Some(&b']') {
        at += 1;
    }
    if text.get(at) == Some(&b'>') {
        let end = text[at + 1..].iter().take(4096).position(|b| *b == b'<')?;
        return Some(trimmed(text, at + 1..at + 1 + end));
    }
    at = skip_blanks(text, at);
    match text.get(at) {
        Some(b':' | b'=') => {
            at += 1;
            if matches!(text.get(at), Some(b'=' | b'>')) {
                at += 1;
            }
        }
        // A list of names and values: {"name": "DB_PASSWORD", "value": "..."}.
        Some(b',' | b'\n' | b'\r') => at = value_field(text, at)?,
        // JSON text of Consul itself: a flag followed by its value is skipped.
        _ => return None,
    }
    at = skip_blanks(text, at);
    Some(value_at(text, at, escaped))
}

/// The position after a `"value":` that directly follows a name.
fn value_field(text: &[u8], at: usize) -> Option<usize> {
    let rest = &text[at..text.len().min(at + 64)];
    let skip = rest
        .iter()
        .take_while(|b| b.is_ascii_whitespace() || matches!(b, b',' | b'"' | b'\'' | b'{'))
        .count();
    let behind =
        rest[skip..].strip_prefix(b"value").or_else(|| rest[skip..].strip_prefix(b"Value"))?;
    let at = at + skip + 5;
    let close = behind.iter().take_while(|b| matches!(b, b'"' | b'\'' | b' ')).count();
    matches!(behind.get(close), Some(b':' | b'=')).then_some(at + close + 1)
}

fn skip_blanks(text: &[u8], at: usize) -> usize {
    at + text[at..].iter().take(16).take_while(|b| matches!(b, b' ' | b'\t')).count()
}

fn value_at(text: &[u8], at: usize, escaped: bool) -> Range<usize> {
    let rest = &text[at..text.len().min(at + 4097)];
    let open = if escaped && rest.first() == Some(&b'\\') { 1 } else { 0 };
    if let Some(quote @ (b'"' | b'\'' | b'`')) = rest.get(open) {
        let start = open + 1;
        let mut end = start;
        while let Some(b) = rest.get(end) {
            if b == quote || (open == 1 && *b == b'\\' && rest.get(end + 1) == Some(quote)) {
                break;
            }
            end += if *b == b'\\' && open == 0 { 2 } else { 1 };
        }
        return at + start..at + end.min(rest.len());
    }
    let ends = |b: &u8| {
        matches!(
            b,
            b'\n'
                | b'\r'
                | b','
                | b';'
                | b'&'
                | b'"'
                | b'\''
                | b'}'
                | b')'
                | b']'
                | b'<'
                | b'|'
                | b'\\'
        )
    };
    let end = rest.iter().position(ends).unwrap_or(rest.len());
    let mut value = trimmed(text, at..at + end);
    // A comment after the value, or more assignments on the line, as in `libpq` strings.
    if let Some(blank) = text[value.clone()].iter().position(|b| b.is_ascii_whitespace()) {
        let behind = text[value.start + blank..value.end].trim_ascii_start();
        let pair = behind.iter().take_while(|b| in_name(**b)).count();
        if behind.starts_with(b"#")
            || behind.starts_with(b"//")
            || behind.starts_with(b"--")
            || (pair > 0 && behind.get(pair) == Some(&b'='))
        {
            value.end = value.start + blank;
        }
    }
    value
}

fn trimmed(text: &[u8], range: Range<usize>) -> Range<usize> {
    let part = &text[range.clone()];
    let start = part.len() - part.trim_ascii_start().len();
    let len = part.trim_ascii().len();
    range.start + start..range.start + start + len
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found<'t>(text: &'t str, word: &str) -> Option<&'t str> {
        let at = text.find(word).unwrap();
        let assignment = around(text.as_bytes(), at..at + word.len())?;
        Some(&text[assignment.value])
    }

    #[test]
    fn every_syntax_is_read() {
        for (text, word, value) in [
            ("{\"passwd\": \"I0asbOj6fq\", \"n\": 1}", "assw", "I0asbOj6fq"),
            ("db:\n  password: \"GoDiSwJvd3rqfx\"\n", "assw", "GoDiSwJvd3rqfx"),
            ("db:\n  password: GoDiSwJvd3rqfx # ours\n", "assw", "GoDiSwJvd3rqfx"),
            ("password = 'GoDiSwJvd3rqfx'", "assw", "GoDiSwJvd3rqfx"),
            ("DB_PASSWORD=GoDiSwJvd3rqfx\nPORT=80", "ASSW", "GoDiSwJvd3rqfx"),
            ("<password>GoDiSwJvd3rqfx</password>", "assw", "GoDiSwJvd3rqfx"),
            ("host=db password=GoDiSwJvd3rqfx user=x", "assw", "GoDiSwJvd3rqfx"),
            ("Server=x;Password=GoDiSwJvd3rqfx;Timeout=3", "assw", "GoDiSwJvd3rqfx"),
            ("{\\\"password\\\": \\\"GoDiSwJvd3rqfx\\\"}", "assw", "GoDiSwJvd3rqfx"),
            ("{\"name\":\"DB_PASSWORD\",\"value\":\"GoDiSwJvd3rqfx\"}", "ASSW", "GoDiSwJvd3rqfx"),
            ("- name: DB_PASSWORD\n  value: GoDiSwJvd3rqfx\n", "ASSW", "GoDiSwJvd3rqfx"),
            ("{\"password\":\"a\\\"b1XyZq\"}", "assw", "a\\\"b1XyZq"),
        ] {
            assert_eq!(found(text, word), Some(value), "{text}");
        }
        for (text, word) in [
            ("the password of the day is", "assw"),
            ("password_policy_url: https://docs", "assw"),
            ("password: ${DB_PASSWORD}", "assw"),
            ("password:\n  length: 8", "assw"),
            ("\"password\": {\"min\": 8}", "assw"),
            ("passwordFile = \"/run/secrets/db\"", "assw"),
            ("password: true", "assw"),
        ] {
            assert_eq!(found(text, word), None, "{text}");
        }
    }
}
