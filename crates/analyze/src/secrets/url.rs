//! `scheme://user:password@host`.

use super::names::Promise;
use super::values::{Plausibility, look};
use std::ops::Range;

/// Maximum length of what precedes the host.
const LONGEST: usize = 512;

/// The password of a URL whose `://` is at `at`: the range from the scheme to the host, the range
/// of the password, and its masked form.
pub(super) fn password(
    text: &[u8],
    at: usize,
) -> Option<(Range<usize>, Range<usize>, Plausibility)> {
    let begin = at + 3;
    let rest = text.get(begin..)?;
    // Most URLs have no user.
    if !rest[..rest.len().min(LONGEST)].contains(&b'@') {
        return None;
    }
    let scheme = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-');
    let start = at - text[..at].iter().rev().take(24).take_while(|b| scheme(b)).count();
    if start == at {
        return None;
    }
    let ends = |b: &u8| {
        matches!(b, b'/' | b'?' | b'#' | b'"' | b'\'' | b'`' | b'<' | b'>' | b',' | b'\\')
            || b.is_ascii_whitespace()
            || b.is_ascii_control()
    };
    let mut len = rest.iter().take(LONGEST).position(ends).unwrap_or(rest.len().min(LONGEST));
    let mut at_sign = rest[..len].iter().rposition(|b| *b == b'@');
    if at_sign.is_none() {
        // A password may contain / and # although it should not, but only after a user.
        let stops = |b: &u8| {
            matches!(b, b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\') || b.is_ascii_whitespace()
        };
        let further = rest.iter().take(256).position(stops).unwrap_or(rest.len().min(256));
        let colon = rest[..len].iter().position(|b| *b == b':')?;
        let port = rest[colon + 1..len].iter().all(u8::is_ascii_digit);
        if port {
            return None;
        }
        at_sign = rest[..further].iter().position(|b| *b == b'@');
        len = further;
    }
    let at_sign = at_sign?;
    let colon = rest[..at_sign].iter().position(|b| *b == b':')?;
    let secret = begin + colon + 1..begin + at_sign;
    let looks = look(&text[secret.clone()], Promise::Password);
    let host = rest[at_sign..len]
        .iter()
        .position(|b| matches!(b, b'/' | b'?' | b'#'))
        .map_or(len, |p| at_sign + p);
    (looks != Plausibility::Nothing).then_some((start..begin + host, secret, looks))
}

/// `user:password@tcp(host)`, for Go's MySQL driver; `@tcp(` is at `at`.
pub(super) fn go_mysql(text: &[u8], at: usize) -> Option<Range<usize>> {
    let before = &text[..at];
    let length = before
        .iter()
        .rev()
        .take(256)
        .take_while(|b| !b.is_ascii_whitespace() && !matches!(b, b'"' | b'\'' | b'='))
        .count();
    let start = at - length;
    let colon = before[start..].iter().position(|b| *b == b':')?;
    let secret = start + colon + 1..at;
    (look(&text[secret.clone()], Promise::Password) == Plausibility::Secret).then_some(secret)
}
