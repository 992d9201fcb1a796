//! Go's string literals, as far as expressions can contain them.

use std::fmt::Write as _;

/// Returns the value of a literal, which includes its quotes; `None` if Go refuses it.
pub(super) fn unquote(literal: &str) -> Option<Vec<u8>> {
    if let Some(raw) = literal.strip_prefix('`') {
        let raw = raw.strip_suffix('`')?;
        // Go drops carriage returns from raw strings.
        return Some(raw.bytes().filter(|b| *b != b'\r').collect());
    }
    let inside = literal.strip_prefix('"')?.strip_suffix('"')?;
    let mut out = Vec::with_capacity(inside.len());
    let mut rest = inside.chars();
    while let Some(c) = rest.next() {
        match c {
            '\n' | '"' => return None,
            '\\' => escape(&mut rest, &mut out)?,
            c => push(&mut out, c),
        }
    }
    Some(out)
}

fn push(out: &mut Vec<u8>, c: char) {
    out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
}

fn escape(rest: &mut std::str::Chars<'_>, out: &mut Vec<u8>) -> Option<()> {
    let escaped = rest.next()?;
    match escaped {
        'a' => out.push(0x07),
        'b' => out.push(0x08),
        'f' => out.push(0x0c),
        'n' => out.push(b'\n'),
        'r' => out.push(b'\r'),
        't' => out.push(b'\t'),
        'v' => out.push(0x0b),
        '\\' => out.push(b'\\'),
        'x' => out.push(u8::try_from(digits(rest, 0, 2, 16)?).ok()?),
        'u' => push(out, char::from_u32(digits(rest, 0, 4, 16)?)?),
        'U' => push(out, char::from_u32(digits(rest, 0, 8, 16)?)?),
        '0'..='7' => out.push(u8::try_from(digits(rest, escaped.to_digit(8)?, 2, 8)?).ok()?),
        _ => return None,
    }
    Some(())
}

fn digits(rest: &mut std::str::Chars<'_>, first: u32, count: u32, base: u32) -> Option<u32> {
    let mut n = first;
    for _ in 0..count {
        n = n.checked_mul(base)?.checked_add(rest.next()?.to_digit(base)?)?;
    }
    Some(n)
}

/// Returns a literal for any bytes. A quote is written as a number, because the grammar ends a
/// literal at the next quote, even an escaped one.
pub(super) fn quote(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                '"' | '\0'..='\x1f' | '\x7f' => {
                    let _ = write!(out, "\\x{:02x}", u32::from(c));
                }
                c => out.push(c),
            }
        }
        for b in chunk.invalid() {
            let _ = write!(out, "\\x{b:02x}");
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn literals_mean_what_they_mean_in_go() {
        let read = |literal: &str| unquote(literal);
        assert_eq!(read(r#""a\tb\x41\101é\u00e9\U0001F600""#).unwrap(), "a\tbAAéé😀".as_bytes());
        assert_eq!(read(r#""\xff\377""#).unwrap(), b"\xff\xff");
        assert_eq!(read("`a\\n\r\nb`").unwrap(), b"a\\n\nb");
        for wrong in
            [r#""\q""#, r#""\'""#, "\"\n\"", r#""\x4""#, r#""\ud800""#, r#""\400""#, r#""\"#]
        {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_can_be_written(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let literal = quote(&bytes);
            prop_assert!(!literal[1..literal.len() - 1].contains('"'));
            prop_assert_eq!(unquote(&literal), Some(bytes));
        }
    }
}
