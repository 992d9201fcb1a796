//! JSON web keys: symmetric and private ones are secrets, public ones are not.

use std::ops::Range;

/// Maximum number of bytes of a key on either side of the name of its type.
const REACH: usize = 8192;

/// The position of the secret part of the key whose member `kty` is at `found`, with its quotes:
/// the `k` of a symmetric key, or the `d` of a key pair.
pub(super) fn secret(text: &[u8], found: Range<usize>) -> Option<Range<usize>> {
    // JSON in a JSON string has escaped quotes.
    let escaped = text.get(found.start) == Some(&b'\\');
    let object = object_around(text, found.clone())?;
    let part = text.get(object.clone())?;
    let kind = member(part, b"kty", escaped)?;
    let name: &[u8] = if part.get(kind)? == b"oct" { b"k" } else { b"d" };
    let value = member(part, name, escaped).filter(|value| !value.is_empty())?;
    Some(object.start + value.start..object.start + value.end)
}

/// The members of an object around one of them, without the braces. The type of another key ends
/// it, so that every byte is examined for at most two keys.
fn object_around(text: &[u8], found: Range<usize>) -> Option<Range<usize>> {
    let is_type = |at: usize| text.get(at..).is_some_and(|rest| rest.starts_with(b"kty"));
    let mut start = found.start;
    loop {
        let before = start.checked_sub(1).filter(|_| found.start - start < REACH)?;
        match text.get(before)? {
            b'{' => break,
            b'}' => return None,
            b'k' if is_type(before) => return None,
            _ => start = before,
        }
    }
    let mut end = found.end;
    loop {
        match text.get(end).filter(|_| end - found.end < REACH)? {
            b'}' => return Some(start..end),
            b'{' => return None,
            b'k' if is_type(end) => return None,
            _ => end += 1,
        }
    }
}

/// The value of a member, if it is text.
fn member(object: &[u8], name: &[u8], escaped: bool) -> Option<Range<usize>> {
    let quote: &[u8] = if escaped { b"\\\"" } else { b"\"" };
    let quoted = [quote, name, quote].concat();
    let mut from = 0;
    loop {
        let at = from + object.get(from..)?.windows(quoted.len()).position(|w| w == quoted)?;
        from = at + quoted.len();
        let colon = skip_blanks(object, from);
        // The same text in the place of a value.
        if object.get(colon) != Some(&b':') {
            continue;
        }
        let value = skip_blanks(object, colon + 1);
        let start = value + quote.len();
        if object.get(value..start) != Some(quote) {
            return None;
        }
        let length = object.get(start..)?.iter().position(|b| matches!(b, b'"' | b'\\'))?;
        return Some(start..start + length);
    }
}

fn skip_blanks(text: &[u8], at: usize) -> usize {
    at + text.iter().skip(at).take_while(|b| b.is_ascii_whitespace()).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, quoted: &str) -> Option<String> {
        let at = text.find(quoted).expect("the type of a key");
        let range = secret(text.as_bytes(), at..at + quoted.len())?;
        Some(text[range].to_owned())
    }

    #[test]
    fn the_secret_part_is_found() {
        for (text, secret) in [
            (r#"{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}"#, Some("c2VjcmV0")),
            (r#"{ "k" : "c2VjcmV0", "alg": "k", "kty" : "oct" }"#, Some("c2VjcmV0")),
            (r#"{"kty":"EC","crv":"P-256","x":"a","y":"b","d":"ZGQ"}"#, Some("ZGQ")),
            (r#"{"kty":"EC","crv":"P-256","x":"a","y":"b"}"#, None),
            (r#"{"kty":"RSA","n":"a","k":"b"}"#, None),
            (r#"{"kty":"oct","k":""}"#, None),
            (r#""kty":"oct","k":"c2VjcmV0""#, None),
        ] {
            assert_eq!(found(text, "\"kty\"").as_deref(), secret, "{text}");
        }
        let inside = r#"{"jwks":"{\"keys\":[{\"kty\":\"oct\",\"k\":\"c2VjcmV0\"}]}"}"#;
        assert_eq!(found(inside, "\\\"kty\\\"").as_deref(), Some("c2VjcmV0"));
    }
}
