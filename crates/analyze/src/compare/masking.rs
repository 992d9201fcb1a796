//! Texts with masked secrets, in which a change of a secret remains visible.

use crate::secrets::Scanner;
use std::collections::HashSet;
use std::ops::Range;

/// How a text's secrets are found.
#[derive(Debug, Clone, Copy)]
pub(super) enum Where<'w> {
    /// The whole text is one.
    Whole,
    /// It is the value of this key.
    Key(&'w [u8]),
    /// It is a field of this name.
    Field(&'w [u8]),
}

/// Returns a text with every secret replaced by `<masked N bytes>`, or by `<masked N bytes,
/// changed>` if `other` is given and does not contain it. `None` if it contains no secret.
pub(super) fn masked(
    scanner: &Scanner,
    place: Where<'_>,
    text: &[u8],
    other: Option<&[u8]>,
) -> Option<Vec<u8>> {
    let found = secrets(scanner, place, text);
    if found.is_empty() {
        return None;
    }
    let known: Option<HashSet<&[u8]>> = other.map(|other| {
        secrets(scanner, place, other).into_iter().filter_map(|range| other.get(range)).collect()
    });
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    for range in found {
        let secret = text.get(range.clone()).unwrap_or(&[]);
        out.extend_from_slice(text.get(at..range.start).unwrap_or(&[]));
        let new = known.as_ref().is_some_and(|known| !known.contains(secret));
        let changed = if new { ", changed" } else { "" };
        out.extend_from_slice(format!("<masked {} bytes{changed}>", secret.len()).as_bytes());
        at = range.end;
    }
    out.extend_from_slice(text.get(at..).unwrap_or(&[]));
    Some(out)
}

/// The positions of the secrets, in order, without overlaps.
fn secrets(scanner: &Scanner, place: Where<'_>, text: &[u8]) -> Vec<Range<usize>> {
    let hits = match place {
        Where::Whole if text.is_empty() => return Vec::new(),
        Where::Whole => return std::iter::once(0..text.len()).collect(),
        // No secret is shorter.
        _ if text.len() < 4 => return Vec::new(),
        Where::Key(name) => scanner.scan(name, text),
        Where::Field(name) => scanner.scan_field(name, text),
    };
    let mut ranges: Vec<Range<usize>> = hits.into_iter().map(|hit| hit.range).collect();
    ranges.sort_by_key(|range| range.start);
    ranges.dedup_by(|next, last| {
        let overlap = next.start < last.end;
        if overlap {
            last.end = last.end.max(next.end);
        }
        overlap
    });
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sees_that_a_secret_changed() {
        let scanner = Scanner::new();
        let (old, new) = (
            &b"url=postgres://app:FgzqXkNTq4wQ2OrV@db/x\n"[..],
            &b"url=postgres://app:Hp2xVn8KqTz4WmLd@db/x\n"[..],
        );
        let text = |text: Option<Vec<u8>>| String::from_utf8(text.unwrap()).unwrap();
        let place = Where::Key(b"db/url");
        let shown = text(masked(&scanner, place, old, None));
        assert_eq!(shown, "url=postgres://app:<masked 16 bytes>@db/x\n");
        assert_eq!(text(masked(&scanner, place, old, Some(old))), shown);
        let shown = text(masked(&scanner, place, new, Some(old)));
        assert_eq!(shown, "url=postgres://app:<masked 16 bytes, changed>@db/x\n");
        assert_eq!(masked(&scanner, place, b"colour=blue", Some(old)), None);
        assert_eq!(
            text(masked(&scanner, Where::Whole, b"abc", Some(b""))),
            "<masked 3 bytes, changed>"
        );
    }
}
