//! Quotes text as Go does.

use regex::Regex;
use std::fmt::Write as _;
use std::sync::LazyLock;

/// Characters that Go does not escape.
static PRINTABLE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^[\p{L}\p{M}\p{N}\p{P}\p{S}]$").ok());

/// Returns the bytes as a Go string literal.
pub(in super::super) fn quote(bytes: &[u8]) -> String {
    let mut out = String::from("\"");
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            quote_char(c, &mut out);
        }
        for b in chunk.invalid() {
            let _ = write!(out, "\\x{b:02x}");
        }
    }
    out.push('"');
    out
}

fn quote_char(c: char, out: &mut String) {
    let is_printable = |c: char| {
        PRINTABLE.as_ref().is_some_and(|regex| regex.is_match(c.encode_utf8(&mut [0; 4])))
    };
    let _ = match c {
        '"' | '\\' => write!(out, "\\{c}"),
        '\x07' => write!(out, "\\a"),
        '\x08' => write!(out, "\\b"),
        '\x0c' => write!(out, "\\f"),
        '\n' => write!(out, "\\n"),
        '\r' => write!(out, "\\r"),
        '\t' => write!(out, "\\t"),
        '\x0b' => write!(out, "\\v"),
        '\x00'..='\x1f' | '\x7f' => write!(out, "\\x{:02x}", u32::from(c)),
        ' '..='~' => write!(out, "{c}"),
        c if is_printable(c) => write!(out, "{c}"),
        c if u32::from(c) < 0x1_0000 => write!(out, "\\u{:04x}", u32::from(c)),
        c => write!(out, "\\U{:08x}", u32::from(c)),
    };
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn quotes_are_gos() {
        let text = "a\"\\\u{7}\n\t\u{1}\u{7f}é\u{a0}\u{feff}😀\u{10ffff}".as_bytes();
        let bytes = [text, b"\xff"].concat();
        assert_eq!(quote(&bytes), r#""a\"\\\a\n\t\x01\x7fé\u00a0\ufeff😀\U0010ffff\xff""#);
    }
}
