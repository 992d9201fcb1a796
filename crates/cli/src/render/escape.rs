//! Text from a snapshot made safe to show.

use std::fmt::Write as _;

/// Text on one line: control characters, invisible and direction-changing ones and bytes that are
/// not UTF-8 are escaped, so that a key can't move the cursor or pretend to be another.
pub(crate) fn one_line(text: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for chunk in text.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                c if c.is_control() || is_invisible(c) => {
                    let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
                }
                c => out.push(c),
            }
        }
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    out
}

const fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_that_moves_or_hides() {
        assert_eq!(one_line("app/ключ é".as_bytes()), "app/ключ é");
        assert_eq!(one_line(b"a\nb\x1b[31m\xff\x7f"), "a\\nb\\u{1b}[31m\\xff\\u{7f}");
        assert_eq!(one_line("x\u{202e}y\u{9b}".as_bytes()), "x\\u{202e}y\\u{9b}");
    }
}
